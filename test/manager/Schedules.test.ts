import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, FastCheck, Fiber, Option } from "effect"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Deltas from "../../src/domain/Deltas.js"
import * as Entry from "../../src/domain/Entry.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Journal from "../../src/journal/Journal.js"
import * as JournalMemory from "../../src/journal/Journal/Memory.js"
import * as Config from "../../src/manager/Config.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { bare, registryOf, unit } from "./parts.js"

const pause = (n: number): Effect.Effect<void> =>
  Effect.whileLoop({ while: () => n-- > 0, body: () => Effect.yieldNow(), step: () => undefined })

/** How an answer comes: at once, after waiting, or waited for where the act is done already. */
const manners = ["plain", "late", "thenLate"] as const
type Manner = (typeof manners)[number]

const inManner = <A, E>(manner: Manner, act: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
  switch (manner) {
    case "plain":
      return Effect.suspend(act)
    case "late":
      return Effect.zipRight(pause(2), Effect.suspend(act))
    case "thenLate":
      return Effect.flatMap(Effect.suspend(act), (value) => Effect.as(pause(2), value))
  }
}

const bug = new Error("bug")

const places = ["arrival", "prepare", "intent", "submit", "outcome", "log"] as const
type Place = (typeof places)[number]

/** What goes wrong at one place. */
const wrongs = ["die", "throws", "throwsInside", "interrupts", "fails", "unknown", "notSentOnce"] as const

const operation = FastCheck.record({
  manners: FastCheck.record(Object.fromEntries(places.map((place) => [place, FastCheck.constantFrom(...manners)])) as Record<Place, FastCheck.Arbitrary<Manner>>),
  wrong: FastCheck.option(FastCheck.record({ at: FastCheck.constantFrom(...places), how: FastCheck.constantFrom(...wrongs) }), { freq: 3, nil: undefined })
})

const call = FastCheck.record({
  begins: FastCheck.nat(12),
  interrupted: FastCheck.option(FastCheck.nat(40), { freq: 2, nil: undefined }),
  accruals: FastCheck.constantFrom(...manners),
  accrues: FastCheck.boolean(),
  operations: FastCheck.array(operation, { minLength: 1, maxLength: 4 })
})

const spot = Account.make("desk", "spot")
const market = Account.contra("market", "desk")

describe("many callers of one manager", () => {
  it.effect.prop(
    "nothing is lost, sent twice or told wrongly, whatever waits, fails, dies, throws or is interrupted",
    [FastCheck.array(call, { minLength: 1, maxLength: 5 })],
    ([calls]) =>
      Effect.gen(function*() {
        const trace: Array<readonly [what: Place | "find" | "begun" | "sent" | "answered" | "interrupted" | "accruals", id: string, detail?: unknown]> = []
        let ledger = Deltas.empty
        const settingOf = (id: string) => {
          const [caller, index] = id.split("-").map(Number)
          return calls[caller!]!.operations[index!]!
        }
        const asked = new Map<string, number>()
        const at = <A, E>(place: Place, id: string, act: () => Effect.Effect<A, E>, failing?: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
          const { manners, wrong } = settingOf(id)
          const times = (asked.get(`${place} ${id}`) ?? 0) + 1
          asked.set(`${place} ${id}`, times)
          const how = wrong?.at === place ? wrong.how : undefined
          if (place === "prepare") trace.push(["begun", id])
          if (how === "throws") {
            trace.push([place, id])
            throw bug
          }
          return inManner(manners[place], (): Effect.Effect<A, E> => {
            trace.push([place, id])
            switch (how) {
              case "die":
                return Effect.die(bug)
              case "throwsInside":
                throw bug
              case "interrupts":
                return Effect.interrupt
              case "fails":
                return failing === undefined ? act() : failing()
              default:
                return act()
            }
          })
        }
        const notSent = new Outcome.NotSent({ reason: "unavailable", message: "refused", retry: "after" })
        const sold = (id: string): Outcome.Receipt => {
          const amount = BigInt(id.split("-")[1]!) + unit
          return {
            ...Outcome.emptyReceipt(5),
            entries: [...Entry.move(spot, market, "ETH", amount, "trade"), ...Entry.move(market, spot, "USDT", 2000n * amount, "trade")]
          }
        }
        let running = 0
        const desk: Venue.Venue = {
          ...bare("desk"),
          family: "cex",
          accruals: () => {
            const of = calls[running]!
            return inManner(of.accruals, () =>
              Effect.sync(() => {
                trace.push(["accruals", `${running}-0`])
                return of.accrues
                  ? [{ id: "x", kind: "interest" as const, venue: "desk", account: spot, at: 5, entries: [], detail: { caller: running } }]
                  : []
              }))
          },
          trade: {
            ...Venue.capability<any, null>({
              prepare: ({ operationId }) =>
                at("prepare", operationId, () => Effect.succeed({ wire: {}, payload: null }), () =>
                  Effect.fail(new Outcome.Rejected({ reason: "rejected", message: "closed" }))),
              submit: (_, { operationId: id }) =>
                at("submit", id, (): Effect.Effect<Outcome.Success, Outcome.Failure> => {
                  const { wrong } = settingOf(id)
                  const how = wrong?.at === "submit" ? wrong.how : undefined
                  if (how === "notSentOnce" && asked.get(`refused ${id}`) === undefined) {
                    asked.set(`refused ${id}`, 1)
                    return Effect.fail(notSent)
                  }
                  trace.push(["sent", id])
                  if (how === "unknown") {
                    return Effect.fail(new Outcome.Unknown({ handle: { venue: "desk", operationId: id, reference: {} }, message: "cut" }))
                  }
                  const receipt = sold(id)
                  ledger = Deltas.combine([ledger, Deltas.fromEntries(receipt.entries)])
                  return Effect.succeed(new Outcome.Settled({ receipt }))
                }, () => {
                  trace.push(["sent", id])
                  return Effect.fail(new Outcome.Rejected({ reason: "rejected", message: "closed" }))
                }),
              resolve: () => Effect.die("not asked")
            }),
            arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero })
          }
        }
        const priced = desk.trade!
        const withArrival: Venue.Venue = {
          ...desk,
          trade: {
            ...priced,
            arrival: (instruction, time) =>
              at("arrival", (instruction as unknown as { operationId: string }).operationId, () => priced.arrival(instruction, time), () => Effect.fail(notSent))
          }
        }
        const kept = yield* JournalMemory.make
        const broken = new Journal.JournalError({ message: "disk" })
        const journal: Journal.Journal["Type"] = {
          ...kept,
          find: (id) => {
            running = Number(id.split("-")[0])
            trace.push(["find", id])
            return kept.find(id)
          },
          intent: (intent) => at("intent", intent.operationId, () => kept.intent(intent), () => Effect.fail(broken)),
          outcome: (id, report) =>
            at("outcome", id, () => {
              trace.push(["answered", id, report.status])
              return kept.outcome(id, report)
            }, () => {
              trace.push(["answered", id, report.status])
              return Effect.fail(broken)
            })
        }
        const told: Array<string> = []
        const context = Context.empty().pipe(
          Context.add(VenueRegistry.VenueRegistry, registryOf({ desk: withArrival })),
          Context.add(Journal.Journal, journal),
          Context.add(HealthManager.HealthManager, yield* HealthManager.make),
          Context.add(EventLogger.EventLogger, {
            log: (event) => {
              const id = event.data["operation_id"]
              if (event.eventType === "accrual") {
                return inManner(calls[running]!.accruals, () => Effect.void)
              }
              if (event.eventType !== "operation" || typeof id !== "string" || !id.includes("-")) return Effect.void
              return at("log", id, () => Effect.sync(() => void told.push(id)), () => Effect.fail(new EventLogger.EventError({ message: "disk" })))
            },
            flush: Effect.void
          })
        )
        const eim = yield* Effect.provide(
          ExecutionInterfaceManager.make({ config: { ...Config.defaults, retryDelaySeconds: 0 } }),
          context
        )
        const order: Array<number> = []
        const fibers = yield* Effect.forEach(calls, ({ begins, operations }, caller) =>
          Effect.fork(Effect.zipRight(pause(begins), Effect.suspend(() => {
            order.push(caller)
            return eim.execute(1000, {
              blockId: `block${caller}`,
              instructions: operations.map((_, index) => ({
                instructionType: "cex_trade" as const,
                venue: { venue: "desk", sub: undefined },
                tradeType: "spot" as const,
                side: "sell" as const,
                symbol: { base: "ETH", quote: "USDT" },
                amount: unit + BigInt(index),
                operationId: `${caller}-${index}`
              }))
            })
          }))))
        const interrupting = yield* Effect.forEach(calls, ({ interrupted }, caller) =>
          Effect.fork(interrupted === undefined ? Effect.void : Effect.zipRight(pause(interrupted), Effect.suspend(() => {
            trace.push(["interrupted", `${caller}-0`])
            return Effect.asVoid(Fiber.interrupt(fibers[caller]!))
          }))))
        yield* pause(600)
        const ended = (fiber: Fiber.Fiber<unknown, unknown>) => Effect.map(Fiber.poll(fiber), Option.isSome)
        assert.isTrue(yield* Effect.every([...fibers, ...interrupting], ended), "everything ends")
        const exits = yield* Effect.forEach(fibers, Fiber.await)

        // One turn at a time, in the order in which they were asked for.
        const turns: Array<number> = []
        for (const [what, id] of trace) {
          const caller = Number(id.split("-")[0])
          if (what !== "interrupted" && turns.at(-1) !== caller) turns.push(caller)
        }
        assert.deepStrictEqual(turns, order.filter((caller) => turns.includes(caller)))

        let recorded = Deltas.empty
        for (const [caller, { operations }] of calls.entries()) {
          const exit = exits[caller]!
          for (const [index, { wrong }] of operations.entries()) {
            const id = `${caller}-${index}`
            const own = trace.filter(([what, of]) => of === id && what !== "find" && what !== "accruals" && what !== "interrupted")
            const places = own.map(([what]) => what)
            const sent = places.filter((what) => what === "sent").length
            assert.isAtMost(sent, 1, `${id} is sent once`)
            if (sent === 1) assert.isTrue(places.indexOf("intent") >= 0 && places.indexOf("intent") < places.indexOf("sent"))
            const known = yield* kept.find(id)
            if (places.includes("submit")) assert.isDefined(known, `the intent of ${id} stands`)
            const answers = sent === 1 && !(wrong?.at === "submit" && ["die", "throws", "throwsInside", "interrupts"].includes(wrong.how))
            const broken = wrong?.at === "outcome" && wrong.how !== "unknown" && wrong.how !== "notSentOnce"
            if (answers) {
              assert.include(places, "outcome", `the outcome of ${id} is recorded`)
              const status = wrong?.at === "submit" && wrong.how === "unknown" ? "unknown" : wrong?.at === "submit" && wrong.how === "fails" ? "rejected" : "settled"
              if (!broken) {
                assert.strictEqual(known?.report?.status, status)
                assert.strictEqual(known?.report?.attempts, wrong?.at === "submit" && wrong.how === "notSentOnce" ? 2 : 1)
                recorded = Deltas.combine([recorded, known!.report!.deltas])
              } else recorded = Deltas.combine([recorded, Deltas.fromEntries(sold(id).entries)])
              if (Exit.isSuccess(exit)) {
                const line = exit.value.operations[index]!
                assert.strictEqual(line.status, status)
                assert.strictEqual(exit.value.degraded || !(wrong?.how === "fails" && (wrong.at === "outcome" || wrong.at === "log")), true)
              }
            }
          }
          const stopped = trace.findIndex(([what, id]) => what === "interrupted" && id === `${caller}-0`)
          if (stopped >= 0) {
            const begun = trace.slice(stopped).filter(([what, id]) => what === "begun" && id.startsWith(`${caller}-`))
            assert.deepStrictEqual(begun, [], "nothing is begun once the call has been interrupted")
          }
          if (Exit.isFailure(exit) && stopped < 0) {
            const { wrong } = operations[Math.max(...trace.filter(([, id]) => id.startsWith(`${caller}-`)).filter(([what]) => what !== "find" && what !== "accruals").map(([, id]) => Number(id.split("-")[1])))]!
            assert.isDefined(wrong)
            assert.strictEqual(Cause.isInterruptedOnly(exit.cause), wrong!.how === "interrupts")
          }
        }
        assert.deepStrictEqual(recorded, ledger)
        // Whatever happened, the manager is free for the next.
        const next = yield* Effect.fork(eim.execute(1000, undefined))
        yield* pause(40)
        assert.isTrue(Option.isSome(yield* Fiber.poll(next)))
      }),
    { fastCheck: { numRuns: 150 } }
  )
})
