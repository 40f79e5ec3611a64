/**
 * The wallet on Ethereum simulated: holds tokens, sends them, receives them, wraps and unwraps ether.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import type * as Instruction from "../../domain/Instruction.js"
import * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import * as Gas from "../../sim/Gas.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Simulation from "../../sim/Simulation.js"
import * as Transaction from "../../sim/Transaction.js"
import * as World from "../../sim/World.js"
import * as Venue from "../../venue/Venue.js"
import * as VenueRegistry from "../../venue/VenueRegistry.js"
import * as WalletConfig from "./Config.js"
import * as Steps from "./Steps.js"

/** Settings of the venue: see {@link WalletConfig.Config}. @category schemas @since 0.1.0 */
export const Config = WalletConfig.Config

/** @category models @since 0.1.0 */
export type Config = WalletConfig.Config

/** The one sub-account of the wallet. @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["wallet"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}, id?: Account.VenueId): ReadonlyArray<Assumption.Assumption> =>
  WalletConfig.assumptions(config, id)

const isConversion = (action: Instruction.Action): action is Steps.Conversion["action"] => action in Steps.conversions

/**
 * A wrap or unwrap as the wallet does it. Refused: other actions, other tokens than ETH and WETH, other networks.
 *
 * @category constructors
 * @since 0.1.0
 */
export const conversion = (
  settings: WalletConfig.Settings,
  instruction: Instruction.SmartContractAction
): Either.Either<Steps.Conversion, Refusal.Refusal> => {
  const { action, token, tokenOut } = instruction
  if (!isConversion(action)) {
    return Either.left(
      Refusal.make("unsupported", `the wallet does not ${action}`, {
        field: "action",
        expected: `one of ${Object.keys(Steps.conversions).join(", ")}`,
        actual: action
      })
    )
  }
  const { from, to } = Steps.conversions[action]
  if (token !== from) {
    return Either.left(
      Refusal.make("unsupported", `the wallet can ${action} ${from} only`, {
        field: "token",
        expected: from,
        actual: token
      })
    )
  }
  if (tokenOut !== undefined && tokenOut !== to) {
    return Either.left(
      Refusal.make("unsupported", `to ${action} ${from} gives ${to}`, {
        field: "token_out",
        expected: to,
        actual: tokenOut
      })
    )
  }
  return Either.flatMap(Steps.network(settings, instruction.network), () =>
    Either.map(Steps.quantity(token, instruction.amount), (amount) => ({ action, amount })))
}

/**
 * A transfer as the wallet sends it. Refused: what it cannot hold, networks that it or the destination is not on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const departure = (
  settings: WalletConfig.Settings,
  operationId: string,
  { destination, transfer }: Venue.Sending
): Either.Either<Steps.Departure, Refusal.Refusal> =>
  Either.gen(function*() {
    const network = yield* Steps.network(settings, transfer.network ?? destination.network)
    if (network !== destination.network) {
      return yield* Either.left(
        Refusal.make("unsupported", `the destination is on ${destination.network}`, {
          field: "network",
          expected: destination.network,
          actual: network
        })
      )
    }
    const token = yield* Steps.holdable(transfer.token)
    const amount = yield* Steps.quantity(token, transfer.amount)
    return { operationId, token, amount, destination }
  })

const notSent = <A>(result: Either.Either<A, Refusal.Refusal>): Either.Either<A, Outcome.NotSent> =>
  Either.mapLeft(result, Refusal.toNotSent)

const amountText = (amount: Amount.Amount | "max"): string => (amount === "max" ? amount : Amount.format(amount))

/** WETH9 as a contract of the simulation. @category constructors @since 0.1.0 */
export const contract = (settings: WalletConfig.Settings, gas: Gas.Settings): Contract.Contract => {
  const convert = Steps.convert(gas)
  return {
    venue: "wallet",
    actions: new Set<Instruction.Action>(["wrap", "unwrap"]),
    prepare: ({ instruction }) =>
      Either.map(conversion(settings, instruction), (payload) => ({
        wire: { action: payload.action, amount: amountText(payload.amount) },
        run: (world, snapshot) => convert(world, snapshot, payload)
      }))
  }
}

/** A wallet that holds, sends and receives. Gas of what it sends is its own. */
const holder = (
  id: Account.VenueId,
  settings: WalletConfig.Settings,
  gas: Gas.Settings,
  simulation: Simulation.Simulation["Type"]
): Venue.Venue => {
  const account = Account.make(id, "wallet")
  const send = Steps.send(settings, gas, account)

  return {
    id,
    family: "onchain",
    accounts,
    transfer: {
      network: settings.networks[0],
      send: Venue.capability<Venue.Sending, Steps.Departure>({
        prepare: ({ instruction, operationId }) =>
          Either.map(notSent(departure(settings, operationId, instruction)), (payload) => ({
            wire: {
              token: payload.token,
              amount: amountText(payload.amount),
              network: payload.destination.network,
              address: payload.destination.address,
              account: payload.destination.account
            },
            payload
          })),
        submit: (payload, { at, operationId }) =>
          Effect.map(
            simulation.step(at, (world, snapshot) => send(world, snapshot, payload)),
            ({ due, receipt }): Outcome.Success =>
              due <= at
                ? new Outcome.Settled({ receipt })
                : new Outcome.Pending({
                  receipt,
                  handle: { venue: id, operationId, reference: { due: Timestamp.format(due) } }
                })
          ),
        resolve: simulation.resolve
      }),
      destination: (token, network) =>
        Either.map(
          Either.all([notSent(Steps.network(settings, network)), notSent(Steps.holdable(token))]),
          ([on]) => ({
            account,
            address: settings.address,
            network: on,
            minimum: 0n,
            quantum: Amount.quantumOf(Asset.decimals(token)),
            delay: settings.block * (settings.confirmations - 1)
          })
        )
    },
    accruals: simulation.accruals(id),
    portfolio: () =>
      Effect.map(simulation.world, (world) => ({
        holdings: World.holdings(world).filter((holding) => holding.account === account),
        positions: []
      }))
  }
}

/**
 * A further wallet of the trader, contributed under a name of its own: `wallet_cold`. It holds, sends and receives; what
 * acts on protocols is the venue `wallet`. Its gas is paid from its own ETH.
 *
 * @category layers
 * @since 0.1.0
 */
export const further = (id: Account.VenueId, config: Config = {}): Simulation.VenueLayer<Gas.Gas> =>
  VenueRegistry.venue({
    id,
    family: "onchain",
    make: Effect.zipWith(Simulation.Simulation, Gas.Gas, (simulation, gas) =>
      holder(id, WalletConfig.resolve(config, id), gas, simulation))
  })

/**
 * The simulated venue `wallet`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const settings = WalletConfig.resolve(config)
  return VenueRegistry.venue({
    id: "wallet",
    family: "onchain",
    make: Effect.gen(function*() {
      const simulation = yield* Simulation.Simulation
      const gas = yield* Gas.Gas
      const converter = contract(settings, gas)
      yield* simulation.deploy(converter)
      return {
        ...holder("wallet", settings, gas, simulation),
        action: Transaction.capability(converter, gas, simulation),
        atomic: Transaction.carrier(gas, simulation)
      }
    })
  })
}
