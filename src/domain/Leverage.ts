/**
 * Leveraged staking as atomic groups: plain functions from amounts to the blocks that enter and leave a position.
 *
 * All amounts are in ether. With equity `E` and loan to value `l` the flash loan is `F = E·l/(1−l)`, what is staked
 * `E + F = E/(1−l)`, and the loan that pays the flash loan back `F·(1 + fee)`.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "./Account.js"
import * as Amount from "./Amount.js"
import type * as Asset from "./Asset.js"
import * as Decimal from "./Decimal.js"
import type * as Fault from "./Fault.js"
import type * as Instruction from "./Instruction.js"
import type * as InstructionBlock from "./InstructionBlock.js"

/**
 * Who takes part. The flash loan and the debt are in WETH, the collateral is the staked token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parties {
  /** Gives the flash loan: `morpho` for nothing, `aave` for its premium. */
  readonly flash: Account.VenueId
  /** What the flash loan costs, as a fraction of it. Defaults to zero. */
  readonly flashFee?: Decimal.Decimal | undefined
  readonly staking: Account.VenueId
  /** What staking gives: `weETH`, `wstETH`. */
  readonly token: Asset.Asset
  /** Takes the collateral and lends the ether. */
  readonly lending: Account.VenueId
  /** Market at the lender, where it has several. */
  readonly market?: string | undefined
}

/**
 * A leveraged entry. The equity stands in the wallet as ETH.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry extends Parties {
  /** Id of the block and of its atomic group; those of its operations begin with it. */
  readonly id: string
  readonly equity: Amount.Amount
  /** Loan to value that is meant, above 0 and below 1. */
  readonly ltv: Decimal.Decimal
  /** Category of the lender's efficiency mode to be set before the loan. */
  readonly emode?: number | undefined
}

/**
 * An exit, whole or in part, that sells the staked token at a decentralised exchange.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exit extends Parties {
  readonly id: string
  /** What is owed now, in WETH. */
  readonly debt: Amount.Amount
  /** Part of the debt that is paid back, above 0; 1 closes the position. */
  readonly fraction: Decimal.Decimal
  /**
   * Debt paid back over the collateral freed for it, above 0 and below 1: the position's own loan to value keeps that, a
   * higher one lowers it. Above `1 − slippage` less is freed than is sold.
   */
  readonly ltv: Decimal.Decimal
  /** Ether for one staked token at the exchange. */
  readonly rate: Decimal.Decimal
  /** Where the staked token is sold, and how much worse than `rate` with fee and impact at most. */
  readonly exchange: Account.VenueId
  readonly slippage: Decimal.Decimal
}

/** The amounts of an entry. @category models @since 0.1.0 */
export interface Sizes {
  /** `F`, rounded down. */
  readonly flash: Amount.Amount
  /** `E + F`. */
  readonly staked: Amount.Amount
  /** `F·(1 + fee)`, rounded up: what the flash loan takes back. */
  readonly borrowed: Amount.Amount
}

type Result<A> = Either.Either<A, Fault.Fault>

const fraction = (path: string, value: Decimal.Decimal): Result<void> =>
  value.value > 0n && Decimal.compare(value, Decimal.one) < 0
    ? Either.void
    : Either.left({ path, expected: "a fraction above 0 and below 1", actual: Decimal.format(value) })

const positive = (path: string, amount: Amount.Amount): Result<void> =>
  amount > 0n ? Either.void : Either.left({ path, expected: "an amount above 0", actual: Amount.format(amount) })

const repayment = (flash: Amount.Amount, fee: Decimal.Decimal | undefined): Amount.Amount =>
  fee === undefined ? flash : Amount.times(flash, Decimal.add(Decimal.one, fee), 1n, "up")

/**
 * The amounts of an entry. Refused for a loan to value that is no fraction, and for no equity.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sizes = ({ equity, flashFee, ltv }: Pick<Entry, "equity" | "flashFee" | "ltv">): Result<Sizes> =>
  Either.flatMap(positive("equity", equity), () =>
    Either.map(fraction("ltv", ltv), () => {
      const flash = Amount.over(
        Amount.times(equity, ltv, 1n, "down"),
        Decimal.subtract(Decimal.one, ltv),
        1n,
        "down"
      )
      return { flash, staked: equity + flash, borrowed: repayment(flash, flashFee) }
    }))

const action = (
  group: string,
  step: string,
  protocol: Account.VenueId,
  rest: Omit<Instruction.SmartContractAction, "instructionType" | "protocol" | "operationId" | "atomicGroupId">
): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: protocol, sub: undefined },
  operationId: `${group}.${step}`,
  atomicGroupId: group,
  ...rest
})

const block = (
  id: string,
  kind: "entry_full" | "exit_full" | "exit_partial",
  instructions: ReadonlyArray<Instruction.SmartContractAction>
): InstructionBlock.InstructionBlock => ({ blockId: id, action: kind, instructions })

/** Lenders with isolated markets tell collateral from what is lent. */
const asCollateral = ({ lending, market }: Parties) =>
  lending === "morpho"
    ? { put: "supply_collateral", take: "withdraw_collateral", at: market === undefined ? {} : { market } } as const
    : { put: "supply", take: "withdraw", at: {} } as const

/**
 * The block of an entry: flash loan, unwrap, stake, collateral, loan, flash loan back, all in one transaction.
 *
 * @category constructors
 * @since 0.1.0
 */
export const entry = (options: Entry): Result<InstructionBlock.InstructionBlock> =>
  Either.map(sizes(options), ({ borrowed, flash, staked }) => {
    const { emode, flash: lender, id, lending, staking, token } = options
    const { at, put } = asCollateral(options)
    const call = (step: string, protocol: Account.VenueId, rest: Parameters<typeof action>[3]) => action(id, step, protocol, rest)
    return block(id, "entry_full", [
      call("flash", lender, { action: "flash_borrow", token: "WETH", amount: flash }),
      call("unwrap", "wallet", { action: "unwrap", token: "WETH", amount: flash }),
      call("stake", staking, { action: "stake", token: "ETH", amount: staked, tokenOut: token }),
      ...(emode === undefined ? [] : [call("emode", lending, { action: "set_emode", token, emodeCategory: emode })]),
      call("collateral", lending, { action: put, token, amount: { outputOf: `${id}.stake` }, ...at }),
      call("borrow", lending, { action: "borrow", token: "WETH", amount: borrowed, ...at }),
      // All that is owed: lenders round their premium each in their own way.
      call("repay", lender, { action: "flash_repay", token: "WETH", amount: "max" })
    ])
  })

/**
 * The block of an exit: flash loan of the debt to be paid back, repayment, collateral out, sale, flash loan back. A whole
 * exit takes out and sells all collateral; of a part `debt·fraction/ltv` comes out, and as much of it is sold as the
 * flash loan takes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exit = (options: Exit): Result<InstructionBlock.InstructionBlock> => {
  const { debt, exchange, flash: lender, flashFee, fraction: part, id, lending, ltv, rate, slippage, token } = options
  if (part.value <= 0n || Decimal.compare(part, Decimal.one) > 0) {
    return Either.left({ path: "fraction", expected: "a fraction above 0, at most 1", actual: Decimal.format(part) })
  }
  if (rate.value <= 0n) return Either.left({ path: "rate", expected: "a rate above 0", actual: Decimal.format(rate) })
  if (slippage.value < 0n || Decimal.compare(slippage, Decimal.one) >= 0) {
    return Either.left({ path: "slippage", expected: "a fraction from 0 to below 1", actual: Decimal.format(slippage) })
  }
  return Either.map(Either.flatMap(positive("debt", debt), () => fraction("ltv", ltv)), () => {
    const whole = Decimal.compare(part, Decimal.one) === 0
    const flash = Amount.times(debt, part, 1n, "up")
    const back = repayment(flash, flashFee)
    const { at, take } = asCollateral(options)
    // No more is freed than the debt paid back carried, and enough is sold whatever the slippage.
    const freed = Amount.over(Amount.over(flash, ltv, 1n, "down"), rate, 1n, "down")
    const sold = Amount.over(back, Decimal.multiply(rate, Decimal.subtract(Decimal.one, slippage)), 1n, "up")
    const call = (step: string, protocol: Account.VenueId, rest: Parameters<typeof action>[3]) => action(id, step, protocol, rest)
    return block(id, whole ? "exit_full" : "exit_partial", [
      call("flash", lender, { action: "flash_borrow", token: "WETH", amount: flash }),
      call("repay", lending, { action: "repay", token: "WETH", amount: whole ? "max" : flash, ...at }),
      call("collateral", lending, { action: take, token, amount: whole ? "max" : freed, ...at }),
      call("sell", exchange, {
        action: "swap",
        token,
        tokenOut: "WETH",
        amount: whole ? { outputOf: `${id}.collateral` } : sold,
        slippageTolerance: slippage
      }),
      call("flash_repay", lender, { action: "flash_repay", token: "WETH", amount: "max" })
    ])
  })
}

/**
 * A position in ether: what its collateral and its debt are worth, and from which part of the collateral on it is
 * liquidated.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly collateral: Amount.Amount
  readonly debt: Amount.Amount
  readonly threshold: Decimal.Decimal
}

/** What a position must keep to. @category models @since 0.1.0 */
export interface Limits {
  readonly minHealthFactor?: Decimal.Decimal | undefined
  readonly maxLtv?: Decimal.Decimal | undefined
}

const scale = 18

/** Collateral × threshold / debt, rounded down; `undefined` without debt. @category combinators @since 0.1.0 */
export const healthFactor = ({ collateral, debt, threshold }: State): Decimal.Decimal | undefined =>
  debt === 0n
    ? undefined
    : Decimal.quotient(Decimal.multiply(Amount.toDecimal(collateral), threshold), Amount.toDecimal(debt), scale, "down")

/** Debt / collateral, rounded up; `undefined` without collateral. @category combinators @since 0.1.0 */
export const ltv = ({ collateral, debt }: State): Decimal.Decimal | undefined =>
  collateral === 0n ? undefined : Decimal.quotient(Amount.toDecimal(debt), Amount.toDecimal(collateral), scale, "up")

/**
 * The post-conditions of a position that it does not keep to; a debt without collateral keeps to none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const violations = (state: State, limits: Limits): ReadonlyArray<Fault.Fault> => {
  const faults: Array<Fault.Fault> = []
  const health = healthFactor(state)
  const { maxLtv, minHealthFactor } = limits
  if (minHealthFactor !== undefined && health !== undefined && Decimal.compare(health, minHealthFactor) < 0) {
    faults.push({ path: "health_factor", expected: `at least ${Decimal.format(minHealthFactor)}`, actual: Decimal.format(health) })
  }
  const value = ltv(state)
  if (maxLtv !== undefined && state.debt > 0n && (value === undefined || Decimal.compare(value, maxLtv) > 0)) {
    faults.push({ path: "ltv", expected: `at most ${Decimal.format(maxLtv)}`, actual: value === undefined ? "a debt without collateral" : Decimal.format(value) })
  }
  return faults
}
