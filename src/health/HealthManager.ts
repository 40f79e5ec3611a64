/**
 * The port to the health system.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"

/**
 * How a component fares. The component itself says so; `manager/HealthRule` is the rule of the manager.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = "healthy" | "degraded" | "unhealthy"

/**
 * An error and the instant at which it was noted.
 *
 * @category models
 * @since 0.1.0
 */
export interface ErrorAt {
  readonly at: Timestamp.Timestamp
  readonly error: EimError.Info
}

/** An error as JSON, its instant first. @category combinators @since 0.1.0 */
export const errorAtToJson = ({ at, error }: ErrorAt): { readonly [key: string]: Json } => ({
  timestamp: Timestamp.format(at),
  ...ExecutionReport.errorToJson(error)
})

/**
 * What a component says of itself when asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface ComponentHealth {
  readonly status: Status
  readonly lastUpdate: Timestamp.Timestamp | undefined
  /** The last 10 errors, oldest first. */
  readonly errors: ReadonlyArray<ErrorAt>
  readonly metrics: { readonly [name: string]: Json }
}

/**
 * All components together: unhealthy if any is, degraded if any is, unknown where none is registered.
 *
 * @category models
 * @since 0.1.0
 */
export interface SystemHealth {
  readonly status: Status | "unknown"
  readonly components: { readonly [name: string]: ComponentHealth }
}

/**
 * Health of the components, and the signal that the program must stop.
 *
 * @category services
 * @since 0.1.0
 */
export class HealthManager extends Context.Tag("execution-interface-manager/health/HealthManager")<
  HealthManager,
  {
    /** Registers a component; a later registration of the same name takes its place. */
    readonly registerComponent: (name: string, checker: Effect.Effect<ComponentHealth>) => Effect.Effect<void>
    /** Reports an error of a component and its instant. A CRITICAL one raises the signal. */
    readonly reportError: (component: string, report: ErrorAt) => Effect.Effect<void>
    /** Asks every component. One whose checker dies is unhealthy, and keeps nobody from hearing of the others. */
    readonly check: Effect.Effect<SystemHealth>
    /** Waits for the first CRITICAL error and gives it. Who runs the program decides what to do about it. */
    readonly critical: Effect.Effect<EimError.Info>
  }
>() {}

/** How many errors of a component are kept. @category constants @since 0.1.0 */
export const keptErrors = 10

interface Reports {
  readonly critical: boolean
  readonly errors: ReadonlyArray<ErrorAt>
}

const withReports = (own: ComponentHealth | undefined, reports: Reports | undefined): ComponentHealth => {
  if (own === undefined) {
    return {
      status: reports?.critical === true ? "unhealthy" : "degraded",
      lastUpdate: undefined,
      errors: reports?.errors ?? [],
      metrics: {}
    }
  }
  return reports?.critical === true ? { ...own, status: "unhealthy" } : own
}

/**
 * The worst status of the components, `unknown` where there are none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const systemStatus = (components: { readonly [name: string]: ComponentHealth }): SystemHealth["status"] => {
  const statuses = Object.values(components).map((component) => component.status)
  if (statuses.length === 0) return "unknown"
  return statuses.includes("unhealthy") ? "unhealthy" : statuses.includes("degraded") ? "degraded" : "healthy"
}

/** The health of all as JSON, for an endpoint or a monitor. @category combinators @since 0.1.0 */
export const toJson = (system: SystemHealth): { readonly [key: string]: Json } => ({
  status: system.status,
  components: Object.fromEntries(
    Object.entries(system.components).map(([name, component]) => [name, {
      status: component.status,
      last_update: component.lastUpdate === undefined ? null : Timestamp.format(component.lastUpdate),
      errors: component.errors.map(errorAtToJson),
      metrics: component.metrics
    }])
  )
})

const ofDefect = (defect: unknown): ComponentHealth => ({
  status: "unhealthy",
  lastUpdate: undefined,
  errors: [],
  metrics: { checker_died: defect instanceof Error ? defect.message : String(defect) }
})

/**
 * A health system in memory. A registered component is what its checker says, and unhealthy for good once it reported
 * a CRITICAL error. One that reported without being registered is listed with the last 10 errors it reported.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Context.Tag.Service<HealthManager>> = Effect.map(
  Deferred.make<EimError.Info>(),
  (critical) => {
    const checkers = new Map<string, Effect.Effect<ComponentHealth>>()
    const reported = new Map<string, Reports>()
    return {
      registerComponent: (name, checker) =>
        Effect.sync(() => {
          checkers.set(name, checker)
        }),
      reportError: (component, report) =>
        Effect.suspend(() => {
          const { error } = report
          const before = reported.get(component)
          const isCritical = error.severity === "CRITICAL"
          reported.set(component, {
            critical: isCritical || before?.critical === true,
            errors: [...(before?.errors ?? []), report].slice(-keptErrors)
          })
          return isCritical ? Effect.asVoid(Deferred.succeed(critical, error)) : Effect.void
        }),
      check: Effect.suspend(() => {
        const names = [...new Set([...checkers.keys(), ...reported.keys()])].sort()
        return Effect.map(
          Effect.forEach(names, (name) =>
            Effect.map(
              // A monitor that dies with one component hides that another one must be stopped.
              Effect.catchAllDefect(checkers.get(name) ?? Effect.succeed(undefined), (defect) => Effect.succeed(ofDefect(defect))),
              (own) => [name, withReports(own, reported.get(name))] as const
            )),
          (entries) => {
            const components = Object.fromEntries(entries)
            return { status: systemStatus(components), components }
          }
        )
      }),
      critical: Deferred.await(critical)
    }
  }
)

/** A fresh health system in memory. @category layers @since 0.1.0 */
export const layer: Layer.Layer<HealthManager> = Layer.effect(HealthManager, make)
