/**
 * `eim errors`: the registry of error codes.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ErrorCode from "../domain/ErrorCode.js"
import type { Json } from "../domain/Json.js"
import * as Failure from "./Failure.js"
import * as Pretty from "./Pretty.js"
import * as Screen from "./Screen.js"
import * as Style from "./Style.js"

/** The registry as JSON. @category combinators @since 0.1.0 */
export const json = (all: ReadonlyArray<ErrorCode.ErrorCode>): Json =>
  all.map(({ code, component, description, message, resolution, retry, severity }) => ({
    code,
    component,
    severity,
    message,
    description,
    resolution,
    retry
  }))

const severityColour = (style: Style.Style, severity: ErrorCode.Severity): string =>
  severity === "CRITICAL"
    ? style.bold(style.red(severity))
    : severity === "HIGH"
      ? style.red(severity)
      : severity === "MEDIUM"
        ? style.yellow(severity)
        : severity

const indent = 11

/** The registry as people read it: a paragraph for each code. @category combinators @since 0.1.0 */
export const lines = (style: Style.Style, all: ReadonlyArray<ErrorCode.ErrorCode>): ReadonlyArray<string> =>
  all.flatMap(({ code, description, message, resolution, severity }, i) => [
    ...(i === 0 ? [] : [""]),
    `  ${style.bold(code)}  ${style.bold(message)}  ${severityColour(style, severity)}`,
    ...Style.wrap(description, style.width - indent).map((line) => " ".repeat(indent) + line),
    ...Style.wrap(resolution, style.width - indent - 2).map((line, j) =>
      `${" ".repeat(indent)}${style.dim(j === 0 ? "→ " : "  ")}${line}`)
  ])

/** Prints the registry. Answers the exit code. @category constructors @since 0.1.0 */
export const run = (options: { readonly json: boolean }): Effect.Effect<number, Failure.Failure, Screen.Screen> =>
  Effect.flatMap(Screen.Screen, (screen) =>
    Effect.as(
      screen.out(
        options.json
          ? `${Pretty.json(json(ErrorCode.all))}\n`
          : `${lines(screen.style, ErrorCode.all).join("\n")}\n`
      ),
      Failure.exit.done
    ))
