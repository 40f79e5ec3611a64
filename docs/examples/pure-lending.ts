/**
 * Lending alone: 10,000 USDT supplied to Aave for a year, then withdrawn whole.
 *
 * Run it with `npm run -s eim -- backtest docs/examples/pure-lending.ts`.
 */
import { Script, Timestamp } from "execution-interface-manager"

const begin = Timestamp.unsafe("2024-06-01T00:00:00Z")
const end = Timestamp.unsafe("2025-06-01T00:00:00Z")

const aave = (action: string, amount: string) => ({
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action,
  token: "USDT",
  amount
})

export default Script.make({
  initialBalances: { wallet: { USDT: "10000" } },
  decide: (time) => {
    switch (time) {
      case begin:
        return [{ block_id: "entry", action: "entry_full", priority: 1, instructions: [aave("supply", "10000")] }]
      case end:
        return [{ block_id: "exit", action: "exit_full", priority: 1, instructions: [aave("withdraw", "max")] }]
      default:
        return []
    }
  }
})
