import * as Either from "effect/Either"
import * as Table from "execution-interface-manager/data/Table"
import type * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Instruction from "execution-interface-manager/domain/Instruction"
import * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import type * as Timestamp from "execution-interface-manager/domain/Timestamp"
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

/** Lets time pass up to an instant, as the kernel does it: whatever is due, in its order. */
export const pass = (
  exchange: Exchange.Steps,
  world: World.World,
  at: (instant: Timestamp.Timestamp) => MarketSnapshot.MarketSnapshot,
  until: Timestamp.Timestamp
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const accruals: Array<Outcome.Accrual> = []
  let now = world
  for (const due of [...new Set(exchange.model.due(world, at(until)))].sort((a, b) => a - b)) {
    const settled = exchange.model.settle(now, at(due))
    if (Either.isLeft(settled)) return Either.left(settled.left)
    now = { ...settled.right.world, at: due }
    accruals.push(...settled.right.value)
  }
  return Either.right({ world: { ...now, at: until }, value: accruals })
}

/** Snapshots of one table. */
export const snapshots = (data: ReadonlyArray<Table.Series>): (at: Timestamp.Timestamp) => MarketSnapshot.MarketSnapshot => {
  const table = Either.getOrThrow(Table.fromSeries(data))
  return (at) => Table.snapshot(table, at, MarketSnapshot.defaultMaxAge)
}
