import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import type * as Account from "execution-interface-manager/domain/Account"
import type * as EimError from "execution-interface-manager/domain/EimError"
import * as InstructionBlock from "execution-interface-manager/domain/InstructionBlock"
import type * as Instruction from "execution-interface-manager/domain/Instruction"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Plan from "execution-interface-manager/manager/Plan"
import type * as Venue from "execution-interface-manager/venue/Venue"
import { bare, recording, registryOf, restore } from "./parts.js"

interface Abilities {
  readonly accounts?: ReadonlyArray<Account.SubAccount>
  readonly trade?: boolean
  readonly swap?: boolean
  readonly actions?: ReadonlyArray<Instruction.Action>
  readonly send?: boolean
  readonly receive?: boolean
  readonly internal?: boolean
}

const exchange: Abilities = { accounts: ["spot", "perp"], trade: true, send: true, receive: true, internal: true }
const abilities: { readonly [id: string]: Abilities } = {
  binance: exchange,
  okx: { ...exchange, accounts: ["unified"], internal: false },
  wallet: { accounts: ["wallet"], send: true, receive: true },
  aave: { accounts: ["position"], actions: ["supply", "withdraw", "flash_borrow", "flash_repay"] },
  uniswap: { swap: true },
  faucet: { send: true },
  vault: { receive: true, actions: ["supply", "withdraw"] },
  sink: { receive: true, actions: ["withdraw"] }
}

/** What was prepared last, and whose address was asked for. */
const seen: { intent: Venue.Intent<any> | undefined; destination: string | undefined } = { intent: undefined, destination: undefined }

const venueOf = (id: string, can: Abilities): Venue.Venue => {
  const capability: Venue.Capability<any> = {
    ...recording(id, []),
    prepare: (intent) => Effect.sync(() => (seen.intent = intent, { wire: {}, payload: null }))
  }
  const priced = { ...capability, arrival: () => Effect.die("not asked") }
  return {
    ...bare(id),
    accounts: (can.accounts ?? []) as any,
    ...(can.trade ? { trade: priced } : {}),
    ...(can.swap ? { swap: priced } : {}),
    ...(can.actions === undefined ? {} : { action: { ...capability, actions: new Set(can.actions) } }),
    ...(id === "wallet" ? { atomic: capability } : {}),
    transfer: {
      ...(can.send ? { send: capability } : {}),
      ...(can.internal ? { internal: capability } : {}),
      ...(can.receive ? { destination: () => Effect.sync(() => (seen.destination = id, {} as Venue.Destination)) } : {})
    }
  }
}

const registry = registryOf(Object.fromEntries(Object.entries(abilities).map(([id, can]) => [id, venueOf(id, can)])))

/** The instruction that the capability of a step is given. */
const given = (step: Plan.Step): any => {
  Effect.runSync(Effect.either(step.begin(0, [], restore).prepare))
  return seen.intent!.instruction
}

const context = (options: Partial<Plan.Context> = {}): Plan.Context => {
  let next = 0
  return {
    at: Timestamp.unsafe("2024-06-01T00:00:00Z"),
    requireIds: false,
    sequence: () => next++,
    venue: registry.get,
    enableAtomicChaining: true,
    ...options
  }
}

type Input = { readonly [field: string]: unknown }

const blockOf = (instructions: ReadonlyArray<Input>, rest: Input = {}): InstructionBlock.InstructionBlock =>
  Either.getOrThrow(InstructionBlock.decode({ ...rest, instructions }))

const plan = (instructions: ReadonlyArray<Input>, rest: Input = {}, options: Partial<Plan.Context> = {}) =>
  Plan.make(blockOf(instructions, rest), context(options))

const planned = (...args: Parameters<typeof plan>): Plan.Plan => Either.getOrThrow(plan(...args))

const operationsOf = ({ steps }: Plan.Plan) => steps.flatMap(({ operations }) => operations)

const refusal = (...args: Parameters<typeof plan>): EimError.EimError => {
  const made = plan(...args)
  if (Either.isRight(made)) throw new Error("was not refused")
  return made.left
}

const transfer = (from: string, to: string, rest: Input = {}): Input => ({
  instruction_type: "wallet_transfer",
  from_venue: from,
  to_venue: to,
  token: "USDT",
  amount: "5",
  ...rest
})
const trade = (venue: string, rest: Input = {}): Input => ({
  instruction_type: "cex_trade",
  venue,
  trade_type: "spot",
  side: "buy",
  symbol: "ETHUSDT",
  amount: "1",
  ...rest
})
const act = (protocol: string, action: string, rest: Input = {}): Input => ({
  instruction_type: "smart_contract_action",
  protocol,
  action,
  token: "USDT",
  amount: "5",
  ...rest
})

describe("Plan: where an instruction goes", () => {
  it.each([
    [trade("binance"), "trade", "binance"],
    [trade("binance_perp", { trade_type: "perp" }), "trade", "binance"],
    [act("aave", "supply"), "action", "aave"],
    [act("uniswap", "swap", { token_out: "WETH" }), "swap", "uniswap"],
    [transfer("binance_spot", "binance_perp"), "internal", "binance"],
    [transfer("binance", "okx"), "send", "binance"],
    [transfer("wallet", "binance"), "send", "wallet"],
    [transfer("wallet", "vault"), "send", "wallet"],
    [transfer("faucet", "wallet"), "send", "faucet"],
    [transfer("wallet", "aave"), "action", "aave"],
    [transfer("aave", "wallet"), "action", "aave"],
    [transfer("sink", "wallet"), "action", "sink"]
  ])("%j is a %s of %s", (input, capability, venue) => {
    const [step] = planned([input]).steps
    assert.strictEqual(step!.capability, capability)
    assert.strictEqual(step!.operations[0].venue, venue)
    const asked = given(step!)
    if (capability === "send") assert.strictEqual(asked.transfer.toVenue.venue, seen.destination)
  })

  it.each([
    [trade("moon"), "EIM-002", "venue", undefined],
    [trade("wallet"), "EIM-001", "venue", /an exchange/],
    [trade("binance_unified"), "EIM-001", "venue", /^one of the accounts binance_spot, binance_perp$/],
    [act("moon", "supply"), "EIM-002", "protocol", undefined],
    [act("aave_spot", "supply"), "EIM-001", "protocol", /^one of the accounts aave_position$/],
    [act("aave", "borrow"), "EIM-001", "action", /^one of supply, withdraw, flash_borrow, flash_repay$/],
    [act("aave", "swap", { token_out: "WETH" }), "EIM-001", "action", /^one of supply/],
    [act("uniswap", "supply"), "EIM-001", "action", /^one of swap$/],
    [act("wallet", "supply"), "EIM-001", "action", /^a venue that does actions$/],
    [transfer("moon", "wallet"), "EIM-002", "from_venue", undefined],
    [transfer("wallet", "moon"), "EIM-002", "to_venue", undefined],
    [transfer("binance_unified", "wallet"), "EIM-001", "from_venue", /accounts/],
    [transfer("wallet", "binance_unified"), "EIM-001", "to_venue", /accounts/],
    [transfer("okx", "okx_unified"), "EIM-001", "to_venue", /another venue/],
    [transfer("binance", "aave"), "EIM-001", "to_venue", /reached from the wallet/],
    [transfer("wallet", "faucet"), "EIM-001", "to_venue", /can be sent to/],
    [transfer("aave", "binance"), "EIM-001", "from_venue", /pays out to the wallet/],
    [transfer("uniswap", "wallet"), "EIM-001", "from_venue", /can send/]
  ] as const)("refuses %j with %s at %s", (input, code, field, expected) => {
    const error = refusal([trade("binance"), input])
    assert.strictEqual(error.code, code)
    assert.strictEqual(error.path, `instructions[1].${field}`)
    if (expected !== undefined) assert.match(error.expected ?? "", expected)
  })

  it("makes of a transfer to a protocol its action, with all that was said", () => {
    const rest = { operation_id: "t1", deadline: "2024-06-02T00:00:00Z", network: "ethereum" }
    for (const [input, protocol, action] of [
      [transfer("wallet", "aave", rest), "aave", "supply"],
      [transfer("aave", "wallet", rest), "aave", "withdraw"]
    ] as const) {
      const [step] = planned([input]).steps
      assert.deepStrictEqual(given(step!), {
        instructionType: "smart_contract_action",
        protocol: { venue: protocol, sub: undefined },
        action,
        token: "USDT",
        amount: 5n * 10n ** 18n,
        operationId: "t1",
        deadline: Timestamp.unsafe("2024-06-02T00:00:00Z"),
        network: "ethereum"
      })
    }
    const [step] = planned([transfer("wallet", "aave")]).steps
    assert.sameMembers(Object.keys(given(step!)), ["instructionType", "protocol", "action", "token", "amount"])
    assert.strictEqual(step!.operations[0].instruction.instructionType, "wallet_transfer")
  })
})

describe("Plan: ids", () => {
  it("takes the id of the operation, else that of the block with the place, else time and sequence", () => {
    const ids = (instructions: ReadonlyArray<Input>, rest: Input = {}) =>
      operationsOf(planned(instructions, rest)).map(({ index, named, operationId }) => [index, operationId, named])
    assert.deepStrictEqual(ids([trade("binance", { operation_id: "a" }), trade("okx")], { block_id: "b" }), [
      [0, "a", true],
      [1, "b:1", true]
    ])
    assert.deepStrictEqual(ids([trade("binance"), trade("okx", { operation_id: "a" }), trade("okx")]), [
      [0, "2024-06-01T00:00:00Z#0", false],
      [1, "a", true],
      [2, "2024-06-01T00:00:00Z#1", false]
    ])
  })

  it("refuses an intent without id only where ids are required", () => {
    const error = refusal([trade("binance", { operation_id: "a" }), trade("binance")], {}, { requireIds: true })
    assert.strictEqual(error.code, "EIM-001")
    assert.strictEqual(error.path, "instructions[1].operation_id")
    assert.lengthOf(operationsOf(planned([trade("binance")], { block_id: "b" }, { requireIds: true })), 1)
  })

  it("refuses an id that stands twice", () => {
    const error = refusal([trade("binance", { operation_id: "a" }), trade("okx"), trade("okx", { operation_id: "a" })])
    assert.strictEqual(error.code, "EIM-009")
    assert.strictEqual(error.path, "instructions[2].operation_id")
  })

  it("has one content for one intent: metadata and defaults that are written out make no difference", () => {
    const content = (rest: Input) => operationsOf(planned([trade("binance", { operation_id: "a", ...rest })]))[0]!.content
    const plain = content({})
    assert.include(plain, "\"ETHUSDT\"")
    assert.strictEqual(content({ metadata: { note: "x" }, order_type: "market", reduce_only: false }), plain)
    const limit = content({ order_type: "limit", price: "3000" })
    assert.strictEqual(content({ order_type: "limit", price: "3000", time_in_force: "IOC" }), limit)
    assert.notStrictEqual(content({ order_type: "limit", price: "3000", time_in_force: "FOK" }), limit)
    assert.notStrictEqual(limit, plain)
    const swap = (rest: Input) => operationsOf(planned([act("uniswap", "swap", { operation_id: "a", token_out: "WETH", ...rest })]))[0]!.content
    assert.strictEqual(swap({ swap_type: "exact_in" }), swap({}))
    assert.notStrictEqual(swap({ swap_type: "exact_out" }), swap({}))
    assert.strictEqual(operationsOf(planned([trade("binance")]))[0]!.content, "")
  })

  it("carries the block's id and dependencies", () => {
    const { blockId, dependencies } = planned([trade("binance")], { block_id: "b", dependencies: ["a"] })
    assert.deepStrictEqual([blockId, dependencies], ["b", ["a"]])
    const bare = planned([trade("binance")])
    assert.deepStrictEqual([bare.blockId, bare.dependencies], [undefined, []])
  })
})

describe("Plan: atomic groups", () => {
  const groups = (...args: Parameters<typeof plan>) =>
    planned(...args).steps.flatMap(({ group, operations }) => group === undefined ? [] : [[group, operations.map(({ index }) => index)]])

  it("puts members in the order that they say, and keeps groups apart", () => {
    assert.deepStrictEqual(
      groups([
        act("aave", "supply", { atomic_group_id: "g", sequence_in_group: 9 }),
        trade("binance"),
        act("aave", "withdraw", { atomic_group_id: "g", sequence_in_group: 2 }),
        act("aave", "supply", { atomic_group_id: "h" }),
        act("aave", "withdraw", { atomic_group_id: "h" }),
        act("aave", "withdraw")
      ]),
      [["g", [2, 0]], ["h", [3, 4]]]
    )
  })

  it("is the whole block where the block is atomic", () => {
    const two = [act("aave", "supply"), act("aave", "withdraw")]
    assert.deepStrictEqual(groups(two, { execution_mode: "atomic", block_id: "b" }), [["b", [0, 1]]])
    assert.deepStrictEqual(groups(two, { execution_mode: "atomic" }), [["block", [0, 1]]])
    assert.deepStrictEqual(groups(two, { execution_mode: "sequential", block_id: "b" }), [])
    assert.deepStrictEqual(groups(two, { execution_mode: "atomic", atomic_group_id: "g" }), [["g", [0, 1]]])
    const own = [act("aave", "supply", { atomic_group_id: "own" }), act("aave", "withdraw")]
    assert.deepStrictEqual(groups(own, { execution_mode: "atomic", atomic_group_id: "g" }), [["own", [0]], ["g", [1]]])
  })

  it("is what the instructions say, each for itself or with their block", () => {
    const atomic = { execution_mode: "atomic" }
    const [supply, withdraw] = [(more = {}) => act("aave", "supply", more), (more = {}) => act("aave", "withdraw", more)]
    const named = { ...atomic, atomic_group_id: "g" }
    assert.deepStrictEqual(groups([supply(atomic), withdraw(atomic)], { block_id: "b" }), [["b", [0, 1]]])
    assert.deepStrictEqual(groups([supply(atomic)], {}), [["block", [0]]])
    assert.deepStrictEqual(groups([supply(atomic), withdraw()], { execution_mode: "atomic" }), [["block", [0, 1]]])
    assert.deepStrictEqual(groups([supply(atomic), withdraw()], { atomic_group_id: "g" }), [["g", [0, 1]]])
    assert.deepStrictEqual(
      groups([supply({ execution_mode: "sequential" }), supply(named), withdraw(named), withdraw({ execution_mode: "sequential" })]),
      [["g", [1, 2]]]
    )
    assert.deepStrictEqual(groups([supply({ execution_mode: "sequential" }), withdraw()], { execution_mode: "sequential" }), [])
  })

  it.each([
    ["atomic in a sequential block", [act("aave", "supply", { execution_mode: "atomic", atomic_group_id: "g" })], { execution_mode: "sequential" }, "EIM-001", "instructions[0].execution_mode"],
    ["sequential in an atomic block", [act("aave", "supply"), act("aave", "withdraw", { execution_mode: "sequential" })], { execution_mode: "atomic" }, "EIM-001", "instructions[1].execution_mode"],
    ["sequential in a block with a group", [act("aave", "supply", { execution_mode: "sequential" })], { atomic_group_id: "g" }, "EIM-001", "instructions[0].execution_mode"],
    ["a sequential block with a group", [act("aave", "supply")], { execution_mode: "sequential", atomic_group_id: "g" }, "EIM-001", "execution_mode"],
    ["atomic without a group beside others", [act("aave", "supply", { execution_mode: "atomic" }), act("aave", "withdraw")], {}, "EIM-001", "instructions[0].atomic_group_id"],
    ["an atomic trade", [trade("binance", { execution_mode: "atomic" })], {}, "EIM-010", "instructions[0].instruction_type"],
    ["an atomic trade beside others", [act("aave", "supply"), trade("binance", { execution_mode: "atomic" })], {}, "EIM-010", "instructions[1].instruction_type"]
  ] as const)("refuses %s", (_, instructions, rest, code, at) => {
    const error = refusal(instructions, rest)
    assert.deepStrictEqual([error.code, error.path], [code, at])
  })

  it("chains the output of an earlier member, and repays a flash loan inside", () => {
    const members = [
      act("aave", "flash_borrow", { operation_id: "loan" }),
      act("uniswap", "swap", { operation_id: "s", amount: { output_of: "loan" }, token_out: "DAI" }),
      act("aave", "flash_repay")
    ]
    assert.deepStrictEqual(groups(members, { execution_mode: "atomic", atomic_group_id: "g" }), [["g", [0, 1, 2]]])
  })

  it("lets an output be spent once, whatever is measured by it besides", () => {
    const atomic = { execution_mode: "atomic", atomic_group_id: "g" }
    const of = (id: string) => ({ output_of: id })
    // The loan is spent by the first, asked for by the second, and given back as large as it was by the last.
    const members = [
      act("aave", "flash_borrow", { operation_id: "loan" }),
      act("aave", "supply", { operation_id: "s", amount: of("loan") }),
      act("aave", "withdraw", { operation_id: "w", amount: of("loan") }),
      act("uniswap", "swap", { operation_id: "x", amount: of("loan"), token_out: "DAI", swap_type: "exact_out" }),
      act("aave", "flash_repay", { amount: of("loan") })
    ]
    assert.lengthOf(planned(members, atomic).steps[0]!.operations, 5)
    const twice = refusal([...members.slice(0, 4), act("uniswap", "swap", { amount: of("loan"), token_out: "DAI" }), members[4]!], atomic)
    assert.deepInclude({ ...twice }, {
      path: "instructions[4].amount.output_of",
      expected: "an earlier member whose output no other spends",
      actual: "\"loan\""
    })
    assert.include(twice.reason, "spends the output of loan twice: s takes it")
    // A loan that is paid back out of what another gave is paid out of that.
    const other = refusal([
      members[0]!,
      act("aave", "withdraw", { operation_id: "w" }),
      act("aave", "supply", { amount: of("w") }),
      act("aave", "flash_repay", { amount: of("w") })
    ], atomic)
    assert.strictEqual(other.path, "instructions[3].amount.output_of")
    // Each group counts for itself, and the order is that of the group.
    const placed = refusal([
      act("aave", "supply", { atomic_group_id: "g", sequence_in_group: 3, operation_id: "late", amount: of("w") }),
      act("aave", "supply", { atomic_group_id: "g", sequence_in_group: 2, operation_id: "early", amount: of("w") }),
      act("aave", "withdraw", { atomic_group_id: "g", sequence_in_group: 1, operation_id: "w" })
    ])
    assert.strictEqual(placed.path, "instructions[0].amount.output_of")
  })

  const grouped = { execution_mode: "atomic", atomic_group_id: "g" }
  const chained = (id: string) => act("aave", "supply", { operation_id: "c", amount: { output_of: id } })
  it.each([
    [[act("aave", "supply"), trade("binance")], grouped, 1, "instruction_type"],
    [[act("aave", "supply", { sequence_in_group: 1 }), act("aave", "withdraw")], grouped, 1, "sequence_in_group"],
    [[act("aave", "withdraw"), chained("other")], grouped, 1, "amount.output_of"],
    [[chained("w"), act("aave", "withdraw", { operation_id: "w" })], grouped, 0, "amount.output_of"],
    [[chained("c")], grouped, 0, "amount.output_of"],
    [[act("aave", "withdraw", { operation_id: "w" }), act("aave", "supply", { amount: { output_of: "w" } }), chained("w")], grouped, 2, "amount.output_of"],
    [[act("aave", "flash_borrow"), act("aave", "flash_repay", { token: "DAI" })], grouped, 1, "token"],
    [[act("aave", "flash_repay"), act("aave", "flash_borrow")], grouped, 0, "token"],
    [[act("aave", "supply"), act("aave", "flash_borrow")], grouped, 1, "action"],
    [[act("aave", "supply"), act("aave", "flash_borrow")], {}, 1, "atomic_group_id"],
    [[act("aave", "flash_repay")], {}, 0, "atomic_group_id"],
    [[act("aave", "supply", { operation_id: "w" }), chained("w")], {}, 1, "amount"]
  ])("refuses %j in %j at [%d].%s", (instructions, rest, index, field) => {
    const error = refusal(instructions, rest)
    assert.strictEqual(error.code, "EIM-010")
    assert.strictEqual(error.path, `instructions[${index}].${field}`)
    assert.isNotEmpty(error.expected)
  })
})
