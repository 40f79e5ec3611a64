import { assert, describe, it } from "@effect/vitest"
import * as Asset from "../../../src/domain/Asset.js"
import * as MarketParams from "../../../src/venues/morpho/MarketParams.js"
import * as Markets from "../../../src/venues/morpho/Markets.js"

describe("morpho/MarketParams", () => {
  it("hashes to the ids by which the contract knows its markets", () => {
    assert.deepStrictEqual(Object.keys(MarketParams.ethereum), Markets.defaults.map(({ name }) => name))
    for (const { id, name, terms } of Markets.defaults) {
      const params = MarketParams.ethereum[name]!
      assert.strictEqual(MarketParams.id(params), id)
      assert.strictEqual(terms.lltv, params.lltv)
    }
  })

  it("has the tokens that the name says", () => {
    const tokens = new Map<string, string>()
    for (const { collateral, loan, name } of Markets.defaults) {
      const params = MarketParams.ethereum[name]!
      assert.isTrue(Asset.isToken(loan) && Asset.isToken(collateral), name)
      for (const [token, address] of [[loan, params.loanToken], [collateral, params.collateralToken]] as const) {
        assert.strictEqual(tokens.get(token) ?? address, address, token)
        tokens.set(token, address)
      }
    }
    assert.strictEqual(tokens.size, 6)
  })
})
