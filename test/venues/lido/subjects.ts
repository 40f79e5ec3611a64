import * as Decimal from "../../../src/domain/Decimal.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Layers from "../../../src/testing/Layers.js"
import type * as VenueLaws from "../../../src/testing/VenueLaws.js"
import * as EtherFi from "../../../src/venues/etherfi/Simulated.js"
import * as Lido from "../../../src/venues/lido/Simulated.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

/** Rates of every sixth hour, that rise and, in the third day, fall. */
const rates = (begin: number) =>
  Object.fromEntries([0, 137, 411, 822, 1_370, 1_507, 2_055, 2_603, 2_740, 3_014, -4_905, -12_824, -12_653, -12_311, -11_969, -11_627, -11_000].map(
    (change, index) => [Timestamp.format(at + 6 * index * Timestamp.hour), `1.${begin + change}31`]
  ))

const data: Layers.Literal = {
  "gas.ethereum.gwei": "20",
  "oracle.wstETH/ETH": rates(16_345_678),
  "oracle.weETH/ETH": rates(13_968_310)
}

const layers = {
  lido: Lido.layer({ withdrawalDays: 2.7 }),
  etherfi: EtherFi.layer({ withdrawalDays: 3, instantExitFee: Decimal.unsafe("0.003") })
}

/** What the laws are asked of a staking protocol. */
export const subject = (venue: "lido" | "etherfi", token: string, wrapped: string) => {
  const action = (
    name: Instruction.Action,
    of: string,
    amount: string | undefined,
    more: Record<string, string> = {}
  ) => ({
    instruction_type: "smart_contract_action",
    protocol: venue,
    action: name,
    token: of,
    ...(amount === undefined ? {} : { amount }),
    ...more
  })
  const staked = [action("stake", "ETH", "7.123456789012345678"), action("stake", "ETH", "3.3", { token_out: wrapped })]
  const venues = [layers[venue], Wallet.layer()]
  const made: VenueLaws.Subject<unknown> = {
    venue,
    layer: Layers.world({ at, data, gas: {}, venues, balances: { "wallet:wallet": { ETH: "20.5", WETH: "2" } } }),
    empty: Layers.world({ at, data, gas: {}, venues }),
    at,
    later: [1, 8, 53, 61, 64, 66, 73, 100, 130].map((hours) => at + hours * Timestamp.hour),
    standing: [...staked, action("unstake", token, "1.25"), action("unstake", wrapped, "1.1")],
    cases: [
      { name: "stakes", instruction: action("stake", "ETH", "1.23456789") },
      { name: "stakes all", instruction: action("stake", "ETH", "max") },
      { name: "stakes and wraps", instruction: action("stake", "ETH", "2", { token_out: wrapped }) },
      { name: "stakes more than there is", instruction: action("stake", "ETH", "200") },
      { name: "stakes wrapped ether", instruction: action("stake", "WETH", "1") },
      { name: "wraps", setup: staked, instruction: action("wrap", token, "2.000000000000000001") },
      { name: "wraps all", setup: staked, instruction: action("wrap", token, "max") },
      { name: "wraps more than there is", setup: staked, instruction: action("wrap", token, "9") },
      { name: "wraps nothing", instruction: action("wrap", token, "max") },
      { name: "unwraps", setup: staked, instruction: action("unwrap", wrapped, "1.7") },
      { name: "unwraps all", setup: staked, instruction: action("unwrap", wrapped, "max") },
      { name: "unwraps what it does not have", instruction: action("unwrap", wrapped, "1") },
      { name: "asks back", setup: staked, instruction: action("unstake", token, "1.5") },
      { name: "asks all back", setup: staked, instruction: action("unstake", token, "max") },
      { name: "asks wrapped ones back", setup: staked, instruction: action("unstake", wrapped, "max") },
      { name: "asks too much back", setup: staked, instruction: action("unstake", token, "1500") },
      { name: "claims too early", setup: [...staked, action("unstake", token, "1")], instruction: action("claim", "ETH", undefined, { ticket: "1" }) },
      { name: "claims nothing", instruction: action("claim", "ETH", undefined) },
      { name: "asks for ether at once", setup: staked, instruction: action("unstake", token, "1", { token_out: "ETH" }) }
    ]
  }
  return made
}
