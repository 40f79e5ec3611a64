import { assert, describe, it } from "@effect/vitest"
import type * as Instruction from "execution-interface-manager/domain/Instruction"
import * as TradingState from "execution-interface-manager/manager/TradingState"

const trade = (reduceOnly: boolean): Instruction.CexTrade => ({
  instructionType: "cex_trade",
  venue: { venue: "okx", sub: undefined },
  tradeType: "perp",
  side: "buy",
  symbol: { base: "ETH", quote: "USDT" },
  amount: 1n,
  reduceOnly
})

describe("TradingState", () => {
  it.each([
    ["active", true, true],
    ["reducing", true, false],
    ["halted", false, false]
  ] as const)("%s: reducing is allowed %s, everything %s", (state, reducing, everything) => {
    assert.strictEqual(TradingState.allows(state, trade(true)), reducing)
    assert.strictEqual(TradingState.allows(state, trade(false)), everything)
  })
})
