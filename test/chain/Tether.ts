/**
 * A double of USDT's two habits on Ethereum: an allowance can only be changed to or from zero, and `transfer`,
 * `transferFrom` and `approve` return nothing.
 *
 * USDT's own bytecode is in no package, so this is a guard in front of an ordinary ERC-20: runtime code that keeps the
 * token's storage and delegates to the token's code at another address.
 */
import type { Address, Hex } from "viem"

const opcodes = {
  STOP: "00",
  EQ: "14",
  ISZERO: "15",
  SHL: "1b",
  SHR: "1c",
  CALLER: "33",
  CALLDATALOAD: "35",
  CALLDATASIZE: "36",
  CALLDATACOPY: "37",
  RETURNDATASIZE: "3d",
  RETURNDATACOPY: "3e",
  POP: "50",
  MLOAD: "51",
  MSTORE: "52",
  JUMPI: "57",
  GAS: "5a",
  JUMPDEST: "5b",
  DUP1: "80",
  RETURN: "f3",
  DELEGATECALL: "f4",
  REVERT: "fd"
} as const

/** Words: an opcode, `0x..` to push, `@label` to push its place, `label:` to mark one. */
const assemble = (source: string): Hex => {
  const parts: Array<string | { readonly label: string }> = []
  const places = new Map<string, number>()
  let size = 0
  for (const word of source.split(/\s+/).filter((word) => word !== "")) {
    if (word.endsWith(":")) {
      places.set(word.slice(0, -1), size)
      parts.push(opcodes.JUMPDEST)
      size += 1
    } else if (word.startsWith("@")) {
      parts.push({ label: word.slice(1) })
      size += 3
    } else if (word.startsWith("0x")) {
      const bytes = (word.length - 2) / 2
      parts.push((0x5f + bytes).toString(16) + word.slice(2))
      size += 1 + bytes
    } else {
      parts.push(opcodes[word as keyof typeof opcodes])
      size += 1
    }
  }
  return `0x${
    parts.map((part) => typeof part === "string" ? part : `61${places.get(part.label)!.toString(16).padStart(4, "0")}`).join("")
  }`
}

const approve = "0x095ea7b3"
const transfer = "0xa9059cbb"
const transferFrom = "0x23b872dd"
const allowance = "0xdd62ed3e"

/** Runtime code of the guard in front of the token's code at `implementation`. */
export const guard = (implementation: Address): Hex =>
  assemble(`
    0x00 CALLDATALOAD 0xe0 SHR
    DUP1 ${approve} EQ @approve JUMPI
    forward:
      CALLDATASIZE 0x00 0x00 CALLDATACOPY
      0x00 0x00 CALLDATASIZE 0x00 ${implementation} GAS DELEGATECALL
      RETURNDATASIZE 0x00 0x00 RETURNDATACOPY
      @done JUMPI
      RETURNDATASIZE 0x00 REVERT
    done:
      DUP1 ${approve} EQ @quiet JUMPI
      DUP1 ${transfer} EQ @quiet JUMPI
      ${transferFrom} EQ @quiet JUMPI
      RETURNDATASIZE 0x00 RETURN
    quiet:
      STOP
    approve:
      0x24 CALLDATALOAD ISZERO @forward JUMPI
      ${allowance} 0xe0 SHL 0x00 MSTORE
      CALLER 0x04 MSTORE
      0x04 CALLDATALOAD 0x24 MSTORE
      0x20 0x00 0x44 0x00 ${implementation} GAS DELEGATECALL POP
      0x00 MLOAD ISZERO @forward JUMPI
      0x00 0x00 REVERT
  `)
