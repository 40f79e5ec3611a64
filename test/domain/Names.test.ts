import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Account from "execution-interface-manager/domain/Account"
import * as Asset from "execution-interface-manager/domain/Asset"
import * as Instrument from "execution-interface-manager/domain/Instrument"

const venue = fc.constantFrom("binance", "aave", "wallet", "desk_2")
const subAccount = fc.constantFrom<Account.SubAccount>("spot", "perp", "unified", "funding", "wallet", "position")
const symbol = fc.oneof(
  fc.constantFrom(...Asset.tokens.map((token) => token.symbol)),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,9}$/)
).map(Asset.parse).filter((asset) => asset !== undefined)

describe("Account", () => {
  it("is made of a venue and a sub-account, and gives them back", () => {
    fc.assert(
      fc.property(venue, subAccount, (venue, sub) => {
        const account = Account.make(venue, sub)
        assert.strictEqual(Account.venue(account), venue)
        assert.strictEqual(Account.sub(account), sub)
        assert.isFalse(Account.isContra(account))
      })
    )
  })

  it("is none of the trader's on the other side of an entry", () => {
    for (const kind of ["market", "funding", "issuer", "fees", "gas", "transit", "rounding", "opening"] as const) {
      assert.isTrue(Account.isContra(Account.contra(kind, "desk")))
      assert.strictEqual(Account.sub(Account.contra(kind, "desk")), "desk")
    }
  })

  it("reads back the references that it writes, in any letter case", () => {
    fc.assert(
      fc.property(venue, fc.option(subAccount, { nil: undefined }), (venue, sub) => {
        const text = Account.formatReference({ venue, sub })
        assert.deepStrictEqual(Account.parse(text), { venue, sub })
        assert.deepStrictEqual(Account.parse(text.toUpperCase()), { venue, sub })
      })
    )
  })

  it.each([
    ["binance_perp", "binance", "perp"],
    ["aave_v3", "aave", undefined],
    ["Morpho_Blue", "morpho", undefined],
    ["perp", "perp", undefined],
    ["a".repeat(64), "a".repeat(64), undefined]
  ] as const)("reads %j as %j, %j", (text, venue, sub) => {
    assert.deepStrictEqual(Account.parse(text), { venue, sub })
  })

  it.each(["", "_perp", "2fast", "bin ance", "binance_", "constructor", "market", "market_spot", "a".repeat(65)])(
    "refuses %j",
    (text) => assert.isUndefined(Account.parse(text))
  )
})

describe("Asset", () => {
  it("reads a canonical spelling as itself", () => {
    fc.assert(fc.property(symbol, (asset) => assert.strictEqual(Asset.parse(asset), asset)))
  })

  it("reads known tokens, their claims and their debts in any letter case", () => {
    for (const { symbol, decimals } of Asset.tokens) {
      for (const text of [symbol, symbol.toLowerCase(), symbol.toUpperCase()]) {
        assert.strictEqual(Asset.parse(text), symbol)
        const reserve = symbol === "ETH" ? "WETH" : symbol
        assert.strictEqual(Asset.parse(`a${text}`), Asset.claimOn(reserve))
        for (const debt of ["debt", "variableDebt", "variabledebt", "DEBT"]) {
          assert.strictEqual(Asset.parse(`${debt}${text}`), Asset.debtOf(reserve))
        }
      }
      assert.isTrue(Asset.isToken(symbol))
      assert.strictEqual(Asset.token(symbol)!.symbol, symbol)
      const members = [["asset", symbol], ["claim", Asset.claimOn(symbol)], ["debt", Asset.debtOf(symbol)]] as const
      for (const [kind, asset] of members) {
        assert.strictEqual(Asset.kind(asset), kind)
        assert.strictEqual(Asset.underlying(asset), symbol)
        assert.strictEqual(Asset.decimals(asset), decimals)
      }
    }
  })

  it.each([
    ["XBT", "BTC"],
    ["Ether", "ETH"],
    ["tether", "USDT"],
    ["aFOO", "aFOO"],
    ["AUSDT", "AUSDT"],
    ["bUSDT", "bUSDT"],
    ["debtFOO", "debtFOO"],
    ["variableDebt", "variableDebt"],
    ["mydebtUSDT", "mydebtUSDT"],
    ["Foo1", "Foo1"],
    ["f".repeat(20), "f".repeat(20)]
  ])("reads %j as %j", (text, asset) => assert.strictEqual(Asset.parse(text), asset))

  it.each(["", "1INCH", "US DT", "USDT!", "constructor", "toString", "f".repeat(21)])("refuses %j", (text) =>
    assert.isUndefined(Asset.parse(text)))

  it("takes what it does not know for a token of 18 decimals", () => {
    assert.strictEqual(Asset.kind("FOO"), "asset")
    assert.strictEqual(Asset.kind("aFOO"), "asset")
    assert.strictEqual(Asset.underlying("aFOO"), "aFOO")
    assert.strictEqual(Asset.decimals("FOO"), 18)
    assert.strictEqual(Asset.kind("ticketETH"), "ticket")
    assert.strictEqual(Asset.kind("bUSDT"), "asset")
    assert.strictEqual(Asset.underlying("ticketETH"), "ETH")
    for (const bare of ["ticket", "debt"]) {
      assert.strictEqual(Asset.kind(bare), "asset")
      assert.strictEqual(Asset.underlying(bare), bare)
    }
    assert.isFalse(Asset.isToken("FOO"))
    assert.isUndefined(Asset.token("FOO"))
  })
})

describe("Instrument", () => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(symbol, symbol, (base, quote) => {
        fc.pre(base !== quote)
        const instrument = { base, quote }
        assert.deepStrictEqual(Instrument.parse(Instrument.format(instrument)), instrument)
        assert.deepStrictEqual(Instrument.parse(Instrument.formatPerpetual(instrument)), instrument)
        assert.isTrue(Instrument.namesPerpetual(Instrument.formatPerpetual(instrument)))
        assert.isFalse(Instrument.namesPerpetual(Instrument.format(instrument)))
      })
    )
  })

  it.each([
    ["ETHUSDT", "ETH", "USDT"],
    ["eth/usdt", "ETH", "USDT"],
    ["ethusdt-perp", "ETH", "USDT"],
    ["ETHUSDT-SWAP", "ETH", "USDT"],
    ["WETHETH", "WETH", "ETH"],
    ["BTCUSD", "BTC", "USD"],
    ["FOO/BAR", "FOO", "BAR"]
  ])("reads %j", (text, base, quote) => assert.deepStrictEqual(Instrument.parse(text), { base, quote }))

  it.each(["", "USDT", "/USDT", "ETH/", "ETHETH", "ETH/ETH", "FOOBAR", "ETH-USDT", "ETHUSDT-PERP-PERP", "-PERP/USDT", "-PERPETHUSDT"])(
    "refuses %j",
    (text) => assert.isUndefined(Instrument.parse(text))
  )

  it("writes a slash only where the pair could be read in another way", () => {
    assert.strictEqual(Instrument.format({ base: "ETH", quote: "USDT" }), "ETHUSDT")
    assert.strictEqual(Instrument.format({ base: "FOO", quote: "BAR" }), "FOO/BAR")
    // FOOWETH is FOOW priced in ETH, and FOOUSDT is FOO priced in USDT.
    assert.strictEqual(Instrument.format({ base: "FOO", quote: "WETH" }), "FOO/WETH")
    assert.strictEqual(Instrument.format({ base: "FOOUSD", quote: "T" }), "FOOUSD/T")
  })

  it("encodes pairs of canonical symbols and nothing else", () => {
    const encode = Schema.encodeEither(Instrument.Instrument)
    assert.deepStrictEqual(encode({ base: "ETH", quote: "USDT" }), Either.right("ETHUSDT"))
    for (const pair of [["eth", "USDT"], ["ETH", "usdt"], ["ETH", "ETH"], ["ETH", ""]] as const) {
      assert.isTrue(Either.isLeft(encode({ base: pair[0], quote: pair[1] })))
    }
    assert.isTrue(Either.isLeft(Schema.decodeEither(Instrument.Instrument)("FOOBAR")))
    assert.deepStrictEqual(Schema.decodeSync(Instrument.Instrument)("ETHUSDT"), { base: "ETH", quote: "USDT" })
  })
})
