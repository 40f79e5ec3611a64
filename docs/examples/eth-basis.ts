/**
 * The basis trade in ether.
 *
 * Run it with `npm run -s eim -- backtest docs/examples/eth-basis.ts --from 2024-06-01T00:00Z --to 2025-06-03T00:00Z`.
 */
import { basis } from "./basis.js"

export default basis("ETH", "0.01")
