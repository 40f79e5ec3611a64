import { Either } from "effect"
import * as Instruction from "execution-interface-manager/domain/Instruction"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import * as Gas from "execution-interface-manager/sim/Gas"
import * as Aave from "execution-interface-manager/venues/aave/Simulated"
import { Amount, Balances, Config, Decimal, type EimError, Fault, InstructionBlock, SimulatedVenues } from "execution-interface-manager"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import * as Curve from "execution-interface-manager/venues/curve/Simulated"
import * as EtherFi from "execution-interface-manager/venues/etherfi/Simulated"
import * as Lido from "execution-interface-manager/venues/lido/Simulated"
import * as Morpho from "execution-interface-manager/venues/morpho/Simulated"
import * as Uniswap from "execution-interface-manager/venues/uniswap/Simulated"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import * as ScheduledScript from "../../src/cli/ScheduledScript.js"
import { assert, describe, it } from "vitest"
import { allBlocks, at, type Block, textOf } from "./blocks.js"

const json = allBlocks.filter(({ language }) => language === "json" || language === "jsonl")

const kinds = ["instruction", "block", "refused", "config", "faulty", "balances", "script"]

const of = (kind: string): ReadonlyArray<Block> => json.filter(({ words }) => words[0] === kind)

const right = <A, E extends { readonly message: string }>(block: Block, result: Either.Either<A, E>): A => {
  assert.isTrue(Either.isRight(result), `${at(block)} ${Either.isLeft(result) ? result.left.message : ""}`)
  return Either.getOrThrow(result)
}

const refusal = (block: Block): EimError.RoutingFailed => {
  const decoded = InstructionBlock.decode(JSON.parse(block.text))
  assert.isTrue(Either.isLeft(decoded), at(block))
  return (decoded as Either.Left<EimError.RoutingFailed, unknown>).left
}

/** The tables under a heading, without their heads, as lists of cells. */
const tables = (page: string, heading: string): ReadonlyArray<ReadonlyArray<ReadonlyArray<string>>> => {
  const section = textOf(page).split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? ""
  return section.split("\n\n").map((part) => part.trim()).filter((part) => part.startsWith("|")).map((part) =>
    part.split("\n").slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim())))
}

const named = (cell: string): ReadonlyArray<string> => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

/** What the first column of the first table under a heading names, up to the first dot. */
const fields = (page: string, heading: string): ReadonlyArray<string> => [
  ...new Set((tables(page, heading)[0] ?? []).flatMap(([cell]) => named(cell ?? "")).map((name) => name.split(".")[0]!))
]

describe("JSON in the guides", () => {
  it("says of each block what it is", () => {
    for (const block of json) assert.include(kinds, block.words[0], at(block))
    for (const kind of kinds) assert.isNotEmpty(of(kind), kind)
  })

  it("decodes, and to the same again", () => {
    for (const block of [...of("instruction"), ...of("block")]) {
      const decoded = right(block, InstructionBlock.decode(JSON.parse(block.text)))
      const again = right(block, InstructionBlock.decode(JSON.parse(JSON.stringify(InstructionBlock.toJson(decoded)))))
      assert.deepStrictEqual(InstructionBlock.toJson(again), InstructionBlock.toJson(decoded), at(block))
    }
  })

  it("is refused where it says so, with that code and at that path", () => {
    for (const block of of("refused")) {
      const { code, path } = refusal(block)
      assert.deepStrictEqual([code, path], [block.words[1], block.words[2]], at(block))
    }
  })

  it("is refused in the words that are quoted", () => {
    const quoted = allBlocks.filter(({ language, words }) => language === "text" && words[0] === "refusal")
    assert.isNotEmpty(quoted)
    for (const block of quoted) {
      const before = json.filter(({ line, page }) => page === block.page && line < block.line).at(-1)
      assert.strictEqual(refusal(before!).reason, block.text.trim(), at(block))
    }
  })

  it("holds settings that are understood, down to those of each venue", () => {
    for (const block of of("config")) {
      const config = right(block, Config.decode(JSON.parse(block.text)))
      right(block, SimulatedVenues.fromConfig(config))
      right(block, SimulatedVenues.gasOf(config))
    }
  })

  it("holds settings that are not understood where it says so", () => {
    for (const block of of("faulty")) {
      const config = Either.flatMap(Config.decode(JSON.parse(block.text)), SimulatedVenues.fromConfig)
      assert.isTrue(Either.isLeft(config), at(block))
    }
  })

  it("holds balances of accounts that there are", () => {
    for (const block of of("balances")) {
      const balances = right(block, Balances.decode(JSON.parse(block.text)))
      right(block, Balances.holdings(balances, SimulatedVenues.accounts))
    }
  })

  it("holds scripts of blocks that are read", () => {
    for (const block of of("script")) right(block, ScheduledScript.decode("script", block.text))
  })
})

describe("the tables of the guides", () => {
  const page = "docs/guides/instructions.md"

  it("name every field of the three types, and none else", () => {
    const common = fields(page, "### Fields of all types")
    for (const [heading, schema] of [
      ["### wallet_transfer", Instruction.WalletTransfer],
      ["### smart_contract_action", Instruction.SmartContractAction],
      ["### cex_trade", Instruction.CexTrade]
    ] as const) assert.sameMembers([...fields(page, heading), ...common], [...Fault.fieldNames(schema)], heading)
  })

  it("name every field of a block, and none else", () => {
    const refused = InstructionBlock.decode({ nobody_knows: 1, instructions: [{}] })
    const expected = Either.isLeft(refused) ? refused.left.expected?.replace("one of the fields ", "").split(", ") ?? [] : []
    assert.sameMembers([...fields(page, "## Blocks")], expected)
  })

  it("name every action", () => {
    const listed = /\nActions: ([\s\S]*?)\. All/.exec(textOf(page))?.[1] ?? ""
    assert.sameMembers([...named(listed)], [...Instruction.actions])
  })

  it("name the accounts of every simulated venue", () => {
    const rows = tables(page, "### Accounts")[0] ?? []
    assert.deepStrictEqual(
      Object.fromEntries(rows.map(([venue, accounts]) => [named(venue!)[0], named(accounts!)])),
      Object.fromEntries(SimulatedVenues.accounts)
    )
  })

  it("name every setting, and none else", () => {
    const config = "docs/guides/configuration.md"
    const known = Fault.fieldNames
    assert.sameMembers([...fields(config, "## Aave")], [...known(Aave.Config)])
    for (const [heading, schema] of [["Morpho", Morpho.Config], ["Lido", Lido.Config], ["ether.fi", EtherFi.Config], ["Uniswap", Uniswap.Config], ["Curve", Curve.Config]] as const) {
      assert.sameMembers([...fields(config, `## ${heading}`)], [...known(schema)], heading)
    }
    assert.sameMembers([...fields(config, "## Wallet")], [...known(Wallet.Config)])
    assert.sameMembers([...fields(config, "## Gas")], [...known(Gas.Config)])
    assert.sameMembers([...fields(config, "## Exchanges")], [...known(Binance.Config)])
    const faults = Config.decode({ nobody_knows: 1 })
    const expected = Either.isLeft(faults) ? faults.left.faults[0].expected.replace("one of the fields ", "").split(", ") : []
    assert.sameMembers([...fields(config, "## Universal settings")], expected)
  })

  it("state the defaults of the exchanges", () => {
    const rows = tables("docs/guides/configuration.md", "## Exchanges")[1] ?? []
    const expected = [Binance, Bybit, Okx, Hyperliquid].map(({ profile }) => {
      const { margin, networks, perp, spot, venue } = Settings.make(profile)
      const coin = venue === "hyperliquid" ? "USDC" : "USDT"
      const { leverage, tiers } = margin({ base: "ETH", quote: coin })
      const [network, terms] = [...networks.get(coin) ?? []][0]!
      return [
        `\`${venue}\``,
        Decimal.format(spot.fees.taker),
        Decimal.format(perp.fees.taker),
        Decimal.format(leverage),
        Decimal.format(tiers[0].maintenance),
        `${Amount.format(terms.withdrawalFee ?? 0n)} ${coin} on ${network}`
      ]
    })
    assert.deepStrictEqual(rows, expected)
  })

  it("state what coins count for and what a liquidation takes", () => {
    const rows = tables("docs/guides/configuration.md", "### Margin and liquidation")[0] ?? []
    const percent = (rate: Decimal.Decimal | "maintenance") =>
      rate === "maintenance" ? "the maintenance margin" : `${Decimal.format(Decimal.multiply(rate, Decimal.unsafe("100")))} %`
    const expected = [Binance, Bybit, Okx, Hyperliquid].map(({ profile }) => {
      const { collateral, margin, perp, venue } = Settings.make(profile)
      const [quote = ""] = perp.quotes
      const ratios = ["USDT", "USDC", "BTC", "ETH"].map((coin) => {
        const ratio = collateral === undefined ? (perp.quotes.has(coin) ? Decimal.one : undefined) : collateral.ratios.get(coin)
        return ratio === undefined ? "" : Decimal.format(ratio)
      })
      const [ether, other] = ["ETH", "SOL"].map((base) => percent(margin({ base, quote }).liquidation))
      const takes = ether!.endsWith("%") ? `${ether} of the notional` : ether!
      return [`\`${venue}\``, ...ratios, ether === other ? takes : `${takes}, others than BTC and ETH ${other}`]
    })
    assert.deepStrictEqual(rows, expected)
  })
})
