/**
 * The books of a claim that grows by itself: which part of a change is interest, which is the operation.
 *
 * An aToken's balance grows with every block, and its `Transfer` events say something else (they include interest since
 * the holder's last action). What was handed out as deltas is therefore written down with its scaled amount; a mined
 * action is split against that with the index that the contract itself used, and every unit is accounted for once.
 *
 * Amounts in the smallest unit of the token, indices in rays.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Account from "../../domain/Account.js"
import * as Position from "./Position.js"
import type * as RayMath from "./RayMath.js"

/** Where claims stand. @category constants @since 0.1.0 */
export const account = Account.make("aave", "position")

/** Who gives and takes them. @category constants @since 0.1.0 */
export const issuer = Account.contra("issuer", "aave")

/** Where claims come from and go to that no operation of this program moved. @category constants @since 0.1.0 */
export const external = Account.contra("transit", "external")

/**
 * What was handed out up to a block.
 *
 * @category models
 * @since 0.1.0
 */
export interface Booked {
  readonly block: bigint
  /** Scaled balance that the token stores. */
  readonly scaled: bigint
  /** Balance that it showed. */
  readonly shown: bigint
}

const Unsigned = Schema.BigInt.pipe(Schema.nonNegativeBigInt())

/** Codec to the journal. @category schemas @since 0.1.0 */
export const Booked: Schema.Schema<Booked, { readonly block: string; readonly scaled: string; readonly shown: string }> = Schema.Struct({
  block: Unsigned,
  scaled: Unsigned,
  shown: Unsigned
})

/** Whether two books say the same, block included. @category guards @since 0.1.0 */
export const isSame = (a: Booked, b: Booked): boolean => a.block === b.block && a.scaled === b.scaled && a.shown === b.shown

/**
 * What the chain shows at a block.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seen {
  readonly scaled: bigint
  readonly shown: bigint
}

/**
 * An action that was mined.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved {
  readonly action: "supply" | "withdraw"
  readonly amount: bigint
  /** Index that the contract used. */
  readonly index: bigint
  readonly block: bigint
}

/**
 * The change of the shown balance since it was booked, in parts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Split {
  readonly interest: bigint
  readonly operation: bigint
  /** What neither explains: aTokens that others sent, or that left by another program. */
  readonly outside: bigint
  /** Signed change of the scaled balance by the operation. */
  readonly scaled: bigint
  readonly after: Booked
}

const change = (scaling: RayMath.Scaling, scaled: bigint, moved: Moved): Pick<Position.Change, "scaled" | "shown"> => {
  const before: Position.Holding = { supply: scaled, debt: 0n, collateral: false }
  const changed = moved.action === "supply"
    ? Position.supply(scaling, before, moved.amount, moved.index, false)
    : Position.withdraw(scaling, before, moved.amount, moved.index)
  // More was withdrawn than was booked, so the difference came from outside: it shows up there.
  return Either.getOrElse(changed, () => ({ scaled: -scaled, shown: -moved.amount }))
}

/**
 * Splits the change by a mined action. `seen` is the chain's own balance after the block: it decides, so that
 * `interest + operation + outside` is exactly what the balance changed by. Without it nothing is put down to outside.
 *
 * @category combinators
 * @since 0.1.0
 */
export const split = (scaling: RayMath.Scaling, booked: Booked, moved: Moved, seen: Seen | undefined): Split => {
  const interest = scaling.supplyBalance(booked.scaled, moved.index) - booked.shown
  const { scaled, shown: operation } = change(scaling, booked.scaled, moved)
  const expected = { scaled: booked.scaled + scaled, shown: booked.shown + interest + operation }
  const actual = seen ?? expected
  return {
    interest,
    operation,
    outside: actual.shown - expected.shown,
    scaled,
    after: { block: moved.block, ...actual }
  }
}

/**
 * The change up to a block in which nothing was done: interest, and what came from outside.
 *
 * @category combinators
 * @since 0.1.0
 */
export const grown = (
  scaling: RayMath.Scaling,
  booked: Booked,
  seen: Seen & { readonly index: bigint; readonly block: bigint }
): Pick<Split, "interest" | "outside" | "after"> => {
  const interest = seen.scaled === booked.scaled
    ? seen.shown - booked.shown
    : scaling.supplyBalance(booked.scaled, seen.index) - booked.shown
  return {
    interest,
    outside: seen.shown - booked.shown - interest,
    after: { block: seen.block, scaled: seen.scaled, shown: seen.shown }
  }
}
