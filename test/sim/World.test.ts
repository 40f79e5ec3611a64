import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as Account from "../../src/domain/Account.js"
import * as Entry from "../../src/domain/Entry.js"
import * as World from "../../src/sim/World.js"

const accounts: ReadonlyArray<Account.Account> = [
  "binance:spot",
  "wallet:wallet",
  "market:binance",
  "fees:binance",
  "opening:balance",
  "transit:a",
  "transit:b"
]
const assets = ["ETH", "USDT", "weETH"]

const moves = fc.array(
  fc.record({
    from: fc.constantFrom(...accounts),
    to: fc.constantFrom(...accounts),
    asset: fc.constantFrom(...assets),
    amount: fc.bigInt(0n, 5n)
  }),
  { maxLength: 4 }
).map((all) => all.flatMap(({ amount, asset, from, to }) => Entry.move(from, to, asset, amount, "transfer")))

const key = (account: string, asset: string): string => `${account} ${asset}`

/** What a plain sum over all lines comes to. */
const summed = (entries: ReadonlyArray<Entry.Entry>): Map<string, bigint> => {
  const sums = new Map<string, bigint>()
  for (const { account, amount, asset } of entries) sums.set(key(account, asset), (sums.get(key(account, asset)) ?? 0n) + amount)
  return sums
}

const held = (world: World.World): Record<string, bigint> =>
  Object.fromEntries(World.holdings(world).map(({ account, amount, asset }) => [key(account, asset), amount]))

describe("World", () => {
  it("holds what all lines sum to, refuses what an account lacks, and leaves every world before as it was", () => {
    fc.assert(fc.property(fc.array(moves, { maxLength: 12 }), (steps) => {
      let world = World.empty(0)
      let entries: ReadonlyArray<Entry.Entry> = []
      const seen: Array<readonly [World.World, Record<string, bigint>]> = []
      for (const step of steps) {
        seen.push([world, held(world)])
        const posted = World.post(world, step)
        const sums = summed([...entries, ...step])
        const short = step.some(({ account, amount, asset }) =>
          amount < 0n && !Account.isContra(account) && sums.get(key(account, asset))! < 0n)
        assert.strictEqual(Either.isLeft(posted), short)
        if (Either.isLeft(posted)) continue
        world = posted.right
        entries = [...entries, ...step]
        const wanted = [...sums].filter(([, amount]) => amount !== 0n)
        assert.deepStrictEqual(held(world), Object.fromEntries(wanted))
        for (const account of accounts) {
          for (const asset of assets) assert.strictEqual(World.balance(world, account, asset), sums.get(key(account, asset)) ?? 0n)
        }
      }
      for (const [before, was] of seen) assert.deepStrictEqual(held(before), was)
    }), { numRuns: 500 })
  })

  it("goes on from any world before, each branch for itself", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(), moves), { maxLength: 16 }), (steps) => {
      const worlds: Array<{ readonly world: World.World; readonly entries: ReadonlyArray<Entry.Entry> }> = [{ world: World.empty(0), entries: [] }]
      for (const [from, step] of steps) {
        const base = worlds[from % worlds.length]!
        const posted = World.post(base.world, step)
        if (Either.isRight(posted)) worlds.push({ world: posted.right, entries: [...base.entries, ...step] })
      }
      for (const { entries, world } of worlds) {
        assert.deepStrictEqual(held(world), Object.fromEntries([...summed(entries)].filter(([, amount]) => amount !== 0n)))
      }
    }), { numRuns: 500 })
  })

  it("keeps no account of a transfer that has arrived", () => {
    const opened = Either.getOrThrow(World.post(World.empty(0), Entry.move("opening:balance", "wallet:wallet", "USDT", 10n, "opening")))
    let world = opened
    for (let n = 0; n < 50; n++) {
      const transit: Account.Account = `transit:${n}`
      world = Either.getOrThrow(World.post(world, Entry.move("wallet:wallet", transit, "USDT", 10n, "transfer")))
      assert.isTrue(World.holds(world, transit))
      world = Either.getOrThrow(World.post(world, Entry.move(transit, "wallet:wallet", "USDT", 10n, "transfer")))
      assert.isFalse(World.holds(world, transit))
    }
    assert.deepStrictEqual(world.balances, opened.balances)
  })

  it("knows whether an account ever held anything", () => {
    const world = Either.getOrThrow(World.post(World.empty(0), Entry.move("opening:balance", "wallet:wallet", "USDT", 1n, "opening")))
    assert.isTrue(World.holds(world, "wallet:wallet"))
    assert.isFalse(World.holds(world, "aave:position"))
  })
})
