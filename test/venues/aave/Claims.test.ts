import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { toFunctionSelector } from "viem"
import * as RpcError from "../../../src/evm/RpcError.js"
import * as Abi from "../../../src/venues/aave/Abi.js"
import * as Claims from "../../../src/venues/aave/Claims.js"
import * as RayMath from "../../../src/venues/aave/RayMath.js"

const units = FastCheck.bigInt({ min: 1n, max: 10n ** 15n })
const index = FastCheck.bigInt({ min: RayMath.ray, max: 3n * RayMath.ray })
const version = FastCheck.constantFrom<RayMath.Version>("v3.0", "v3.5")
const booked: FastCheck.Arbitrary<Claims.Booked> = FastCheck.record({
  block: FastCheck.bigInt({ min: 0n, max: 10n ** 9n }),
  scaled: FastCheck.bigInt({ min: 0n, max: 10n ** 15n }),
  shown: FastCheck.bigInt({ min: 0n, max: 10n ** 15n })
})
const moved: FastCheck.Arbitrary<Claims.Moved> = FastCheck.record({
  action: FastCheck.constantFrom("supply" as const, "withdraw" as const),
  amount: units,
  index,
  block: FastCheck.bigInt({ min: 0n, max: 10n ** 9n })
})
const seen = FastCheck.record({ scaled: FastCheck.bigInt({ min: 0n, max: 10n ** 15n }), shown: FastCheck.bigInt({ min: 0n, max: 10n ** 15n }) })

describe("the books of a claim", () => {
  it.prop("interest, operation and outside are the whole change, whatever the chain shows", [version, booked, moved, seen], ([v, b, m, s]) => {
    const split = Claims.split(RayMath.scaling(v), b, m, s)
    assert.strictEqual(split.interest + split.operation + split.outside, s.shown - b.shown)
    assert.deepStrictEqual(split.after, { block: m.block, ...s })
  })

  it.prop("a chain that shows what the contracts' arithmetic says leaves nothing to outside", [version, booked, moved], ([v, b, m]) => {
    const alone = Claims.split(RayMath.scaling(v), b, m, undefined)
    const checked = Claims.split(RayMath.scaling(v), b, m, alone.after)
    assert.deepStrictEqual(checked, alone)
    assert.strictEqual(alone.outside, 0n)
  })

  it.prop("without an operation, an unchanged scaled balance is all interest", [version, booked, seen, index], ([v, b, s, i]) => {
    const grown = Claims.grown(RayMath.scaling(v), b, { block: b.block + 1n, scaled: b.scaled, shown: s.shown, index: i })
    assert.strictEqual(grown.interest, s.shown - b.shown)
    assert.strictEqual(grown.outside, 0n)
    const moved = Claims.grown(RayMath.scaling(v), b, { block: b.block + 1n, scaled: b.scaled + 1n, shown: s.shown, index: i })
    assert.strictEqual(moved.interest + moved.outside, s.shown - b.shown)
  })

  it.prop("come back from the journal as they were", [booked], ([b]) => {
    const text = JSON.stringify(Schema.encodeSync(Claims.Booked)(b))
    assert.isTrue(Claims.isSame(Schema.decodeUnknownSync(Claims.Booked)(JSON.parse(text)), b))
  })
})

describe("what the contracts say when they refuse", () => {
  it("numbers of the older contracts and errors of the newer ones mean the same", () => {
    const text = (code: string) =>
      new RpcError.Reverted({
        data: `0x08c379a0${"20".padStart(64, "0")}${code.length.toString(16).padStart(64, "0")}${
          Buffer.from(code).toString("hex").padEnd(64, "0")
        }`,
        message: "execution reverted"
      })
    const declared = (name: string) => new RpcError.Reverted({ data: toFunctionSelector(`${name}()`), message: "execution reverted" })
    for (const [code, name, reason] of [
      ["32", "NotEnoughAvailableUserBalance", "insufficient_balance"],
      ["28", "ReserveFrozen", "unavailable"],
      ["35", "HealthFactorLowerThanLiquidationThreshold", "health_factor"],
      ["51", "SupplyCapExceeded", "limit"]
    ] as const) {
      assert.deepStrictEqual(Abi.refusal(text(code)), { name, reason })
      assert.deepStrictEqual(Abi.refusal(declared(name)), { name, reason })
    }
    assert.deepStrictEqual(Abi.refusal(text("ERC20: transfer amount exceeds balance")), {
      name: "ERC20: transfer amount exceeds balance",
      reason: "rejected"
    })
    assert.deepStrictEqual(Abi.refusal(new RpcError.Reverted({ data: "0xdeadbeef", message: "execution reverted" })), {
      name: "error 0xdeadbeef",
      reason: "rejected"
    })
    assert.strictEqual(Abi.refusal(new RpcError.Reverted({ data: undefined, message: "execution reverted" })).name, "execution reverted")
  })

  it("has the selectors that the deployed contracts have", () => {
    const known: { readonly [name: string]: string } = {
      InvalidAmount: "0x2c5211c6",
      ReserveInactive: "0x90cd6f24",
      ReserveFrozen: "0x6d305815",
      ReservePaused: "0xd37f5f1c",
      BorrowingNotEnabled: "0x53587745",
      NotEnoughAvailableUserBalance: "0x47bc4b2c",
      HealthFactorLowerThanLiquidationThreshold: "0x6679996d",
      CollateralCannotCoverNewBorrow: "0x911ceb81",
      NoDebtOfSelectedType: "0xf0788fb2",
      UnderlyingBalanceZero: "0x5fe10377",
      BorrowCapExceeded: "0x77a6a896",
      SupplyCapExceeded: "0xf58f733a",
      LtvValidationFailed: "0x5b263df7",
      UserHasAssetWithZeroLtv: "0x21e5c4ae"
    }
    assert.deepStrictEqual(
      Object.fromEntries(Abi.errors.map(({ name }) => [name, toFunctionSelector(`${name}()`)])),
      known
    )
  })
})
