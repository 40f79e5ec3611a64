import * as Either from "effect/Either"
import type * as Table from "execution-interface-manager/data/Table"
import type * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Instruction from "execution-interface-manager/domain/Instruction"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Exchange from "execution-interface-manager/sim/Exchange"
import * as Order from "execution-interface-manager/sim/Exchange/Order"
import type * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import type * as Refusal from "execution-interface-manager/sim/Refusal"
import type * as Simulation from "execution-interface-manager/sim/Simulation"
import type * as World from "execution-interface-manager/sim/World"
import { assert } from "vitest"
import { config, snapshot } from "./fixtures.js"

export const steps = (profile: Profile.Profile, input: unknown = {}): Exchange.Steps =>
  Exchange.steps(Settings.make(profile, config(input)))

/** Trades at an instant of made-up data, without a kernel. */
export const trade = (
  exchange: Exchange.Steps,
  world: World.World,
  data: ReadonlyArray<Table.Series>,
  instruction: Instruction.CexTrade,
  bound?: Decimal.Decimal
): Either.Either<Simulation.Stepped<Outcome.Receipt>, Refusal.Refusal> =>
  Either.flatMap(
    Order.make(exchange.settings, exchange.markets, { operationId: "t", at: world.at, instruction, bound }),
    ({ payload }) => exchange.trade(world, snapshot(data, world.at), payload)
  )

export const right = <A>(either: Either.Either<A, Refusal.Refusal>): A => {
  if (Either.isLeft(either)) assert.fail(`refused: ${either.left.message}`)
  return either.right
}

export const left = <A>(either: Either.Either<A, Refusal.Refusal>): Refusal.Refusal => {
  if (Either.isRight(either)) assert.fail("expected a refusal")
  return either.left
}
