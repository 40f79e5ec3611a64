/**
 * The basis trade in bitcoin.
 *
 * Run it with `npm run -s eim -- backtest docs/examples/btc-basis.ts --from 2024-06-01T00:00Z --to 2025-06-03T00:00Z`.
 */
import { basis } from "./basis.js"

export default basis("BTC", "0.001")
