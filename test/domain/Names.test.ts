import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Account from "execution-interface-manager/domain/Account"
import * as Asset from "execution-interface-manager/domain/Asset"
import * as Instrument from "execution-interface-manager/domain/Instrument"

const venue = fc.constantFrom("binance", "aave", "wallet", "desk_2")
const subAccount = fc.constantFrom<Account.SubAccount>("spot", "perp", "unified", "funding", "wallet", "position")
const symbol = fc.oneof(
  fc.constantFrom(...Asset.tokens.map((token) => token.symbol)),
  fc.stringMatching(/^[0-9]{0,4}[A-Za-z][A-Za-z0-9]{0,9}$/),
  fc.constantFrom("1INCH", "1000PEPE", "kPEPE", "1MBABYDOGE", "FDUSD", "BUSD", "USD", "PERP", "SWAP", "APERP")
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
    for (const kind of ["market", "funding", "issuer", "fees", "gas", "liquidation_penalty", "liquidation_fee", "transit", "rounding", "opening"] as const) {
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
    ["f".repeat(20), "f".repeat(20)],
    ["1INCH", "1INCH"],
    ["1000SATS", "1000SATS"],
    ["0X0", "0X0"],
    ["kPEPE", "1000PEPE"],
    ["KPEPE", "1000PEPE"],
    ["kHYPE", "kHYPE"],
    ["SHIB1000", "1000SHIB"],
    ["1MBABYDOGE", "1000000BABYDOGE"]
  ])("reads %j as %j", (text, asset) => assert.strictEqual(Asset.parse(text), asset))

  it.each(["", "42", "1_000", "1.5X", "US DT", "USDT!", "constructor", "toString", "f".repeat(21), `1${"F".repeat(20)}`])("refuses %j", (text) =>
    assert.isUndefined(Asset.parse(text)))

  it.each([
    ["1000PEPE", "PEPE", 1000n],
    ["10000SATS", "SATS", 10_000n],
    ["1000000MOG", "MOG", 1_000_000n],
    ["10000000AIDOGE", "AIDOGE", 10_000_000n]
  ] as const)("counts %j as many of %j", (asset, of, times) => assert.deepStrictEqual(Asset.multiple(asset), { of, times }))

  it.each(["1INCH", "PEPE", "100PEPE", "100000000X", "2000X", "1000", "KPEPE"])("takes %j for one", (asset) =>
    assert.isUndefined(Asset.multiple(asset)))

  it("knows the other names of a multiple", () => {
    assert.deepStrictEqual(Asset.otherNames("1000SHIB"), ["kSHIB", "SHIB1000"])
    assert.deepStrictEqual(Asset.otherNames("1INCH"), [])
  })

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
        const perpetual = { instrument, trade: "perp" as const }
        assert.deepStrictEqual(Instrument.read(Instrument.format(instrument)), Either.right({ instrument, trade: undefined }))
        for (
          const spelling of [
            Instrument.formatPerpetual(instrument),
            `${base}/${quote}:${quote}`,
            `${base}/${quote}-SWAP`,
            `${base}/${quote}.P`,
            ...(quote === "USD" ? [] : [`${base}/${quote}_PERP`])
          ]
        ) assert.deepStrictEqual(Instrument.read(spelling), Either.right(perpetual), spelling)
      })
    )
  })

  it("reads every spelling of a pair of known tokens to one", () => {
    const token = fc.constantFrom("ETH", "BTC", "1INCH", "1000PEPE", "kPEPE", "XVG")
    const quoted = fc.constantFrom("USDT", "USDC", "FDUSD", "BTC", "ETH")
    fc.assert(
      fc.property(token, quoted, (base, quote) => {
        const instrument = { base: Asset.parse(base)!, quote }
        fc.pre(instrument.base !== quote)
        for (const text of [`${base}${quote}`, `${base}/${quote}`, `${base}-${quote}`, `${base}_${quote}`]) {
          assert.deepStrictEqual(Instrument.read(text), Either.right({ instrument, trade: undefined }), text)
          for (const suffix of ["-PERP", "_PERP", "-SWAP", "-swap", ".P"]) {
            assert.deepStrictEqual(Instrument.read(`${text}${suffix}`), Either.right({ instrument, trade: "perp" }), text + suffix)
          }
        }
        assert.deepStrictEqual(Instrument.read(`${base}${quote}PERP`), Either.right({ instrument, trade: "perp" }))
        assert.deepStrictEqual(Instrument.read(`${base}/${quote}:${quote}`), Either.right({ instrument, trade: "perp" }))
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
    ["FOO/BAR", "FOO", "BAR"],
    ["1INCHUSDT", "1INCH", "USDT"],
    ["1000PEPE/USDT:USDT", "1000PEPE", "USDT"],
    ["KPEPE/USDC:USDC", "1000PEPE", "USDC"],
    ["SHIB1000USDT", "1000SHIB", "USDT"],
    ["ETH-USDT-SWAP", "ETH", "USDT"],
    ["ETH_USDT", "ETH", "USDT"],
    ["BTCFDUSD", "BTC", "FDUSD"],
    ["SOLFDUSD", "SOL", "FDUSD"],
    ["BNBUSD", "BNB", "USD"],
    ["BTCBUSD", "BTC", "BUSD"],
    ["USDTTRY", "USDT", "TRY"]
  ])("reads %j", (text, base, quote) => assert.deepStrictEqual(Instrument.parse(text), { base, quote }))

  it.each([
    ["ETH", "hyperliquid", "ETH", "USDC"],
    ["WETH", "hyperliquid", "WETH", "USDC"],
    ["kPEPE", "hyperliquid", "1000PEPE", "USDC"],
    ["kPEPE-PERP", "hyperliquid", "1000PEPE", "USDC"],
    ["UBTC/USDC", "hyperliquid", "BTC", "USDC"],
    ["ETHPERP", "hyperliquid", "ETH", "USDC"],
    ["ETHPERP", "bybit", "ETH", "USDC"],
    ["1000PEPEPERP", "bybit", "1000PEPE", "USDC"],
    ["ETHUSDTPERP", "bybit", "ETH", "USDT"],
    ["ETH-PERP", "bybit", "ETH", "USDC"]
  ])("reads %j at %s", (text, venue, base, quote) => assert.deepStrictEqual(Instrument.parse(text, venue), { base, quote }))

  it.each([
    ["ETH", "bybit"],
    ["ETH", "binance"],
    ["ETHPERP", "binance"],
    ["ETH-PERP", "okx"],
    ["ETH-PERP", undefined],
    ["HYPE", undefined],
    ["USDC", "hyperliquid"]
  ])("reads no %j at %s", (text, venue) => assert.isUndefined(Instrument.parse(text, venue)))

  it.each(["", "USDT", "/USDT", "ETH/", "ETHETH", "ETH/ETH", "FOOBAR", "WETH", "ETHUSDT-PERP-PERP", "-PERP/USDT", "-PERPETHUSDT",
    "ETH/USDT/BTC", "ETH:USDT", "ETH/USDT:", "ETH/USDT:USDC", "ETH/USDT:USDT:USDT", "42/USDT", "xyz:TSLA", "A".repeat(65), "PERP", "-PERP", ".P"])(
    "refuses %j",
    (text) => assert.isUndefined(Instrument.parse(text))
  )

  it.each([
    ["BTC/USD:BTC", "inverse"],
    ["BTCUSD_PERP", "inverse"],
    ["BTC-USD-SWAP", "inverse"],
    ["BTC/USDT:USDT-241227", "expire"],
    ["BTC-USDT-241227", "expire"],
    ["BTCUSDT_241227", "expire"],
    ["@107", "HYPE/USDC"],
    ["ETH/ETH", "two different tokens"],
    ["kPEPE/1000PEPE", "two different tokens"],
    ["!/!", "a symbol such as"],
    ["ARBUSD", "\"AR/BUSD\" or \"ARB/USD\""],
    ["ARBBUSD", "\"ARB/BUSD\" or \"ARBB/USD\""],
    ["ARTUSD", "\"AR/TUSD\" or \"ART/USD\""]
  ])("says why %j is none", (text, part) => {
    const reading = Instrument.read(text)
    assert.isTrue(Either.isLeft(reading))
    assert.include(Either.getOrElse(reading, (expected) => expected), part)
  })

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
