/**
 * Holds an instruction back whose price is not the market's, and bounds the price of those it lets through.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Asset from "../domain/Asset.js"
import * as Decimal from "../domain/Decimal.js"
import type * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as Venue from "../venue/Venue.js"
import type * as Plan from "./Plan.js"

/**
 * What is checked.
 *
 * @category models
 * @since 0.1.0
 */
export interface Check {
  readonly base: Asset.Asset
  readonly quote: Asset.Asset
  readonly side: "buy" | "sell"
  readonly arrival: Venue.Arrival
  /** The estimate that states a price, where there is one. */
  readonly estimated: Deltas.Deltas | undefined
  /** As a fraction. */
  readonly tolerance: Decimal.Decimal
}

/**
 * A price that is not the market's.
 *
 * @category models
 * @since 0.1.0
 */
export interface Deviation {
  readonly message: string
  readonly expected: string
  readonly actual: string
}

/** Decimals of a deviation and of a bound: ten more than any price tick. */
const scale = 18

const total = (deltas: Deltas.Deltas, asset: Asset.Asset): bigint => {
  let sum = 0n
  for (const venue in deltas) sum += deltas[venue]![asset] ?? 0n
  return sum
}

const percent = (fraction: Decimal.Decimal): string =>
  `${Decimal.format(Decimal.quotient(Decimal.multiply(fraction, Decimal.make(100n, 0)), Decimal.one, 2, "half_up"))} %`

/**
 * Compares the price that the estimate implies, which is net of fees, with the market's on arrival, net of its fee too.
 * The answer is the worst price to accept: the expected one, worse by the tolerance.
 *
 * @category combinators
 * @since 0.1.0
 */
export const check = (input: Check): Either.Either<Decimal.Decimal, Deviation> => {
  const { arrival, base, estimated, quote, side, tolerance } = input
  const selling = side === "sell"
  const feeFactor = selling ? Decimal.subtract(Decimal.one, arrival.feeRate) : Decimal.add(Decimal.one, arrival.feeRate)
  const net = Decimal.multiply(arrival.price, feeFactor)
  if (net.value <= 0n) {
    return Either.left({ message: `the market has no price of ${base} in ${quote}`, expected: "a price above 0", actual: Decimal.format(arrival.price) })
  }
  let expected = arrival.price
  if (estimated !== undefined) {
    const baseChange = total(estimated, base)
    const quoteChange = total(estimated, quote)
    if (baseChange !== 0n && quoteChange !== 0n) {
      const implied = Decimal.abs(
        Decimal.quotient(Decimal.make(quoteChange, 0), Decimal.make(baseChange, 0), scale, "half_up")
      )
      const directions = selling ? baseChange < 0n && quoteChange > 0n : baseChange > 0n && quoteChange < 0n
      if (!directions) {
        return Either.left({
          message: `estimated_deltas state the other side than ${side}`,
          expected: selling ? `less ${base} and more ${quote}` : `more ${base} and less ${quote}`,
          actual: `${base} ${baseChange < 0n ? "less" : "more"}, ${quote} ${quoteChange < 0n ? "less" : "more"}`
        })
      }
      const deviation = Decimal.quotient(Decimal.abs(Decimal.subtract(implied, net)), net, scale, "up")
      if (Decimal.compare(deviation, tolerance) > 0) {
        return Either.left({
          message: `the estimate implies ${Decimal.format(implied)} ${quote} per ${base}, and the market is at ${
            Decimal.format(arrival.price)
          } (${percent(deviation)} apart, ${percent(tolerance)} allowed)`,
          expected: `within ${percent(tolerance)} of ${Decimal.format(arrival.price)} ${quote} per ${base}`,
          actual: Decimal.format(implied)
        })
      }
      expected = Decimal.quotient(implied, feeFactor, scale, "half_up")
    }
  }
  return Either.right(
    Decimal.multiply(expected, selling ? Decimal.subtract(Decimal.one, tolerance) : Decimal.add(Decimal.one, tolerance))
  )
}

/**
 * The worst price that an operation may be filled at, by what the market gives on arrival. Fails with EIM-005 where its
 * estimate is further from the market than it tolerates. The estimate of a perpetual states no price.
 *
 * @category combinators
 * @since 0.1.0
 */
export const bound = (
  { index, instruction, operationId, venue }: Plan.Operation,
  arrival: Venue.Arrival,
  tolerance: Decimal.Decimal
): Either.Either<Decimal.Decimal | undefined, EimError.PriceCheckFailed> => {
  const pair = pairOf(instruction)
  if (pair === undefined) return Either.right(undefined)
  return Either.mapLeft(
    check({ ...pair, arrival, tolerance: ("slippageTolerance" in instruction ? instruction.slippageTolerance : undefined) ?? tolerance }),
    ({ actual, expected, message }) =>
      new EimError.PriceCheckFailed({
        operationId,
        venue,
        reason: message,
        path: `instructions[${index}].estimated_deltas`,
        expected,
        actual
      })
  )
}

const pairOf = (instruction: Instruction.Instruction): Pick<Check, "base" | "estimated" | "quote" | "side"> | undefined => {
  switch (instruction.instructionType) {
    case "cex_trade":
      return {
        base: instruction.symbol.base,
        quote: instruction.symbol.quote,
        side: instruction.side,
        estimated: instruction.tradeType === "perp" ? undefined : instruction.estimatedDeltas
      }
    case "smart_contract_action":
      return instruction.tokenOut === undefined
        ? undefined
        : { base: instruction.token, quote: instruction.tokenOut, side: "sell", estimated: instruction.estimatedDeltas }
    case "wallet_transfer":
      return undefined
  }
}
