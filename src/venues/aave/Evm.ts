/**
 * Aave v3 on a chain: supplies and withdraws with the contracts themselves.
 *
 * The ledger lines are those of the simulated Aave. The wallet's tokens are exact from the `Transfer` events; the claim
 * is split into interest and operation by {@link Claims}; gas is exact from the receipts, those of approvals included.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import { erc20Abi, isAddressEqual, zeroAddress } from "viem"
import type { Address } from "viem"
import { mainnet } from "viem/chains"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import * as Outcome from "../../domain/Outcome.js"
import * as Rpc from "../../evm/Rpc.js"
import type * as RpcError from "../../evm/RpcError.js"
import * as Transactions from "../../evm/Transactions.js"
import * as Journal from "../../journal/Journal.js"
import * as Venue from "../../venue/Venue.js"
import * as VenueRegistry from "../../venue/VenueRegistry.js"
import * as Abi from "./Abi.js"
import * as Claims from "./Claims.js"
import * as EvmCalls from "./EvmCalls.js"
import * as EvmReceipts from "./EvmReceipts.js"
import * as RayMath from "./RayMath.js"
import * as Reserves from "./Reserves.js"

/** The pool cannot be used as it is set up. @category errors @since 0.1.0 */
export class StartFailed extends Data.TaggedError("StartFailed")<{ readonly message: string }> {}

/**
 * Which deployment of Aave the venue works on, and how; everything defaults to Ethereum (Core).
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The pool's address provider, from which its other contracts are read. Defaults to that of Ethereum (Core). */
  readonly addressesProvider?: Address | undefined
  /** Contracts of the tokens that may be used. Default to those of Ethereum. */
  readonly tokens?: { readonly [token: Asset.Asset]: Address } | undefined
  /** Name of the chain in instructions and ledger lines. Defaults to `ethereum`. */
  readonly network?: string | undefined
  /** Rounding of the deployed contracts. Defaults to `v3.5`. */
  readonly rounding?: RayMath.Version | undefined
  /**
   * Allowance that a supply asks for: `exact` for its amount, so that nothing stays allowed; `unlimited` once and for
   * all. Defaults to `exact`.
   */
  readonly approval?: "exact" | "unlimited" | undefined
}

/** aave-address-book 4.44.22, `AaveV3Ethereum.POOL_ADDRESSES_PROVIDER`. @category constants @since 0.1.0 */
export const ethereumAddressesProvider: Address = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e"

const underlyings: { readonly [token: Asset.Asset]: Address } = Object.fromEntries(
  Object.entries(Reserves.ethereum).map(([token, { underlying }]) => [token, underlying])
)

const id = "aave"

const start = Effect.fnUntraced(function*(options: Options) {
  const rpc = yield* Rpc.Rpc
  const provider = options.addressesProvider ?? ethereumAddressesProvider
  const chainId = yield* rpc.chainId
  if (chainId !== rpc.chain.id) {
    return yield* new StartFailed({ message: `the node is of chain ${chainId}, not of ${rpc.chain.name} (${rpc.chain.id})` })
  }
  if ((options.addressesProvider === undefined || options.tokens === undefined) && chainId !== mainnet.id) {
    return yield* new StartFailed({ message: `the contracts on ${rpc.chain.name} must be given: only those on Ethereum are known` })
  }
  const [pool, dataProvider] = yield* Effect.all([
    rpc.read({ address: provider, abi: Abi.addressesProvider, functionName: "getPool" }),
    rpc.read({ address: provider, abi: Abi.addressesProvider, functionName: "getPoolDataProvider" })
  ])
  const reserve = Effect.fnUntraced(function*(token: Asset.Asset, underlying: Address) {
    const [[aToken], decimals] = yield* Effect.all([
      rpc.read({ address: dataProvider, abi: Abi.dataProvider, functionName: "getReserveTokensAddresses", args: [underlying] }),
      rpc.read({ address: underlying, abi: erc20Abi, functionName: "decimals" })
    ])
    if (isAddressEqual(aToken, zeroAddress)) {
      return yield* new StartFailed({ message: `${token} (${underlying}) is no reserve of the pool ${pool}` })
    }
    if (decimals > Amount.scale) {
      return yield* new StartFailed({ message: `${token} (${underlying}) has ${decimals} decimals, and at most ${Amount.scale} are kept` })
    }
    return { token, underlying, aToken, decimals }
  })
  const reserves = yield* Effect.forEach(
    Object.entries(options.tokens ?? underlyings),
    ([token, underlying]) => reserve(token, underlying),
    { concurrency: 4 }
  )
  const setup: EvmCalls.Setup = {
    pool,
    network: options.network ?? "ethereum",
    approval: options.approval ?? "exact",
    scaling: RayMath.scaling(options.rounding ?? "v3.5"),
    reserves: new Map(reserves.map((each) => [each.token, each]))
  }
  return setup
})

const unavailable = (message: string, transient = true): Outcome.NotSent =>
  new Outcome.NotSent({ reason: "unavailable", message, retry: transient ? "after" : "never" })

const readFailed = ({ message, reason, transient }: RpcError.ReadFailed): Outcome.NotSent =>
  new Outcome.NotSent({ reason, message, retry: transient ? "after" : "never" })

const make = Effect.fnUntraced(function*(options: Options) {
  const rpc = yield* Rpc.Rpc
  const transactions = yield* Transactions.Transactions
  const journal = yield* Journal.Journal
  const setup = yield* start(options)
  const { scaling } = setup
  const account = transactions.address

  const look = Effect.fnUntraced(function*(reserve: EvmCalls.Reserve, block: bigint) {
    const at = { address: reserve.aToken, abi: Abi.scaledToken, args: [account], blockNumber: block } as const
    const [scaled, shown] = yield* Effect.all(
      [rpc.read({ ...at, functionName: "scaledBalanceOf" }), rpc.read({ ...at, functionName: "balanceOf" })],
      { concurrency: 2 }
    )
    return { block, scaled, shown }
  })

  const head = yield* rpc.block("latest")
  const books = new Map<Asset.Asset, Claims.Booked>()
  for (const reserve of setup.reserves.values()) books.set(reserve.token, yield* look(reserve, head.number))

  const calls = EvmCalls.make({ rpc, transactions, setup, booked: (token) => books.get(token) })
  const receipts = EvmReceipts.make({
    rpc,
    setup,
    seen: (reserve, block) => Effect.option(look(reserve, block)),
    book: (token, after) =>
      Effect.sync(() => {
        if (after.block > (books.get(token)?.block ?? -1n)) books.set(token, after)
      })
  })

  const action: Venue.Capability<Instruction.SmartContractAction> = Venue.capability({
    prepare: calls.prepare,
    submit: Effect.fnUntraced(function*(reference: EvmCalls.Reference, intent) {
      const booked = books.get(reference.token)
      if (booked === undefined || !Claims.isSame(booked, reference.booked)) {
        return yield* new Outcome.NotSent({
          reason: "rejected",
          retry: "never",
          message: `interest on ${Asset.claimOn(reference.token)} was booked after ${intent.operationId} was prepared`
        })
      }
      return yield* receipts.outcome(
        { venue: id, operationId: intent.operationId, reference: EvmCalls.encode(reference) },
        reference,
        yield* transactions.run(reference.transactions)
      )
    }),
    resolve: Effect.fnUntraced(function*(handle) {
      const reference = EvmCalls.decode(handle.reference)
      if (Either.isLeft(reference)) {
        return yield* new Outcome.Unknown({ handle, message: `the reference of ${handle.operationId} cannot be read: ${reference.left}` })
      }
      return yield* receipts.outcome(handle, reference.right, yield* transactions.resume(reference.right.transactions))
    })
  })

  const accrual = Effect.fnUntraced(function*(reserve: EvmCalls.Reserve, block: Rpc.Block) {
    const booked = books.get(reserve.token)
    const now = yield* look(reserve, block.number)
    if (booked === undefined || booked.block >= block.number || (booked.scaled === 0n && now.scaled === 0n)) return []
    const index = yield* rpc.read({
      address: setup.pool,
      abi: Abi.pool,
      functionName: "getReserveNormalizedIncome",
      args: [reserve.underlying],
      blockNumber: block.number
    })
    const grown = Claims.grown(scaling, booked, { ...now, index })
    books.set(reserve.token, grown.after)
    const asset = Asset.claimOn(reserve.token)
    const part = (
      kind: "interest" | "credit",
      from: Account.Account,
      units: bigint
    ): ReadonlyArray<Outcome.Accrual> =>
      units === 0n
        ? []
        : [{
          id: `${kind}:${id}:${asset}:${block.number}`,
          kind,
          venue: id,
          account: Claims.account,
          at: Number(block.timestamp) * 1000,
          entries: Entry.move(from, Claims.account, asset, Amount.fromUnits(units, reserve.decimals), kind === "interest" ? "interest" : "transfer"),
          detail: { block: block.number.toString(), index: index.toString(), scaled: now.scaled.toString() }
        }]
    return [...part("interest", Claims.issuer, grown.interest), ...part("credit", Claims.external, grown.outside)]
  })

  const accruals: Venue.Venue["accruals"] = Effect.fnUntraced(function*() {
    const open = yield* Effect.mapError(journal.open, (error) => unavailable(error.message))
    // What an operation of unknown outcome did to the balance must not be taken for interest or for a gift: its
    // interest is handed out with its receipt, once it is resolved.
    if (open.some(({ intent }) => intent.venue === id)) return []
    const block = yield* Effect.mapError(rpc.block("latest"), readFailed)
    return (yield* Effect.forEach(setup.reserves.values(), (reserve) => Effect.mapError(accrual(reserve, block), readFailed))).flat()
  })

  const portfolio: Venue.Venue["portfolio"] = () =>
    Effect.mapError(
      Effect.gen(function*() {
        const { number } = yield* rpc.block("latest")
        const holdings = yield* Effect.forEach(setup.reserves.values(), (reserve) =>
          Effect.map(look(reserve, number), ({ shown }): Venue.Holding => ({
            account: Claims.account,
            asset: Asset.claimOn(reserve.token),
            amount: Amount.fromUnits(shown, reserve.decimals)
          })))
        return { holdings: holdings.filter(({ amount }) => amount !== 0n), positions: [] }
      }),
      readFailed
    )

  const venue: Venue.Venue = {
    id,
    family: "onchain",
    accounts: ["position"],
    action: { ...action, actions: new Set<Instruction.Action>(EvmCalls.actions) },
    accruals,
    portfolio
  }
  return venue
})

/**
 * Contributes `aave`. Unavailable while the node cannot be reached or is of another chain, or a token is no reserve of
 * the pool; tried again meanwhile.
 *
 * The books begin with what the chain shows when it starts: interest before that is not handed out. An operation that
 * an earlier run left open is to be resolved first; until then no interest is handed out.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Rpc.Rpc | Transactions.Transactions | Journal.Journal
> => VenueRegistry.venue({ id, family: "onchain", make: make(options) })
