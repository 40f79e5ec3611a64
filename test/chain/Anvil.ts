/**
 * A real EVM for one scope: the node's binary as a child process, on a port of its own.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { createTestClient, http, publicActions, walletActions } from "viem"
import type { Chain, Hash, TransactionReceipt } from "viem"
import { mnemonicToAccount } from "viem/accounts"
import { foundry } from "viem/chains"

export class AnvilError extends Data.TaggedError("AnvilError")<{ readonly message: string }> {}

export interface Anvil {
  readonly url: string
  readonly process: ChildProcess
}

const require = createRequire(import.meta.url)

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const fromPackage = (): string | undefined => {
  const platform = process.platform === "win32" ? "win32" : process.platform
  const architecture = process.arch === "x64" ? "amd64" : process.arch
  try {
    return require.resolve(`@foundry-rs/anvil-${platform}-${architecture}/bin/anvil${platform === "win32" ? ".exe" : ""}`)
  } catch {
    return undefined
  }
}

/** `ANVIL_BIN`, else the package of this platform, else `anvil` on the PATH. A missing binary fails; nothing is skipped. */
export const binary: Effect.Effect<string, AnvilError> = Effect.suspend(() => {
  const named = process.env["ANVIL_BIN"]
  if (named !== undefined) {
    return executable(named)
      ? Effect.succeed(named)
      : new AnvilError({ message: `ANVIL_BIN names ${named}, which is no executable file` })
  }
  const packaged = fromPackage()
  if (packaged !== undefined) return Effect.succeed(packaged)
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "anvil")).find(executable)
  return onPath === undefined
    ? new AnvilError({
      message: `no anvil for ${process.platform} ${process.arch}: install its package (@foundry-rs/anvil-<platform>-<architecture> 1.7.1), ` +
        "put anvil on the PATH, or name it in ANVIL_BIN"
    })
    : Effect.succeed(onPath)
})

/** Starts a node and ends it with the scope. */
export const start = (args: ReadonlyArray<string> = []): Effect.Effect<Anvil, AnvilError, Scope.Scope> =>
  Effect.flatMap(binary, (path) =>
    Effect.acquireRelease(
      Effect.async<Anvil, AnvilError>((resume) => {
        const child = spawn(path, ["--host", "127.0.0.1", "--port", "0", "--hardfork", "prague", ...args], {
          stdio: ["ignore", "pipe", "pipe"]
        })
        let output = ""
        child.stdout.on("data", (chunk: Buffer) => {
          output = (output + chunk.toString()).slice(-10_000)
          const listening = /Listening on (127\.0\.0\.1:\d+)/.exec(output)
          if (listening !== null) resume(Effect.succeed({ url: `http://${listening[1]!}`, process: child }))
        })
        child.stderr.on("data", (chunk: Buffer) => {
          output = (output + chunk.toString()).slice(-10_000)
        })
        child.once("error", (error) => resume(new AnvilError({ message: `anvil did not start: ${error.message}` })))
        child.once("exit", (code) => resume(new AnvilError({ message: `anvil ended with ${code}: ${output}` })))
      }),
      ({ process: child }) => stop(child)
    ))

/** Ends the node at once, as a crash does. */
const stop = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const mnemonic = "test test test test test test test test test test test junk"

/** The node's own accounts, 10,000 ETH each. */
export const account = (index: number) => mnemonicToAccount(mnemonic, { addressIndex: index })

/** Private keys of the first two, published with the node. */
export const privateKeys = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
] as const

export const chain: Chain = foundry

/** A client of one of the node's accounts, with the node's own powers over time and blocks. */
export const client = (url: string, index = 0) =>
  createTestClient({
    chain,
    mode: "anvil",
    transport: http(url, { retryCount: 0 }),
    account: account(index),
    pollingInterval: 5,
    cacheTime: 0
  }).extend(publicActions).extend(walletActions)

export type TestClient = ReturnType<typeof client>

/**
 * Waits for a transaction, failed or not. Looks again by the clock: the client's own waiting looks again only at a new
 * block, and none comes where the node mines on demand.
 */
export const ended = async (client: Pick<TestClient, "getTransactionReceipt">, hash: Hash): Promise<TransactionReceipt> => {
  for (let look = 0; look < 2_000; look++) {
    const receipt = await client.getTransactionReceipt({ hash }).catch(() => undefined)
    if (receipt !== undefined) return receipt
    await setTimeout(5)
  }
  throw new Error(`${hash} was not mined`)
}

/** Waits for a transaction that is meant to succeed. */
export const mined = async (client: Pick<TestClient, "getTransactionReceipt">, hash: Hash): Promise<TransactionReceipt> => {
  const receipt = await ended(client, hash)
  if (receipt.status === "reverted") throw new Error(`${hash} failed`)
  return receipt
}
