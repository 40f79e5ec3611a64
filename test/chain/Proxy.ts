/**
 * A way to a node that can break: an HTTP proxy on 127.0.0.1.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, request } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/**
 * What happens to a request.
 *
 * - `pass`: nothing.
 * - `cut_after`: the node gets it and answers; the connection is cut before the answer.
 * - `cut_before`: the connection is cut when the request is read; the node gets nothing.
 * - `hang`: the request is read and never answered; the node gets nothing.
 * - a number: that HTTP status, and the node gets nothing.
 * - an error: the node's own answer, without the node.
 */
export type Fate = "pass" | "cut_after" | "cut_before" | "hang" | number | { readonly code: number; readonly message: string }

export interface Proxy {
  readonly url: string
  /** Decides over requests by their method. Replaces an earlier rule. */
  readonly rule: (fate: (method: string, body: string) => Fate) => Effect.Effect<void>
  /** Methods of all requests so far, in order. */
  readonly methods: Effect.Effect<ReadonlyArray<string>>
  /** Refuses connections, as a node that is down does. */
  readonly down: Effect.Effect<void>
  /** Listens again on the same port. */
  readonly up: Effect.Effect<void>
}

const read = (message: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    message.on("data", (chunk: Buffer) => chunks.push(chunk))
    message.on("end", () => resolve(Buffer.concat(chunks).toString()))
    message.on("error", reject)
  })

const forward = (upstream: string, body: string): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const out = request(upstream, { method: "POST", headers: { "content-type": "application/json" } }, (answer) => {
      read(answer).then((text) => resolve({ status: answer.statusCode ?? 502, body: text }), reject)
    })
    out.on("error", reject)
    out.end(body)
  })

const listen = (server: Server, port: number): Effect.Effect<number> =>
  Effect.async((resume) => {
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

/** A proxy in front of `upstream` for one scope. */
export const make = (upstream: string): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function*() {
    let rule: (method: string, body: string) => Fate = () => "pass"
    const methods: Array<string> = []
    const sockets = new Set<Socket>()

    const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
      const body = await read(incoming)
      const { id, method } = JSON.parse(body) as { readonly id: number; readonly method: string }
      methods.push(method)
      const fate = rule(method, body)
      if (fate === "hang") return
      if (fate === "cut_before") return void incoming.socket.destroy()
      if (typeof fate === "number") {
        outgoing.writeHead(fate, { "content-type": "text/plain" }).end("")
        return
      }
      if (typeof fate === "object") {
        outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, error: fate }))
        return
      }
      const answered = await forward(upstream, body)
      if (fate === "cut_after") return void incoming.socket.destroy()
      outgoing.writeHead(answered.status, { "content-type": "application/json" }).end(answered.body)
    }

    const server = createServer((incoming, outgoing) => {
      answer(incoming, outgoing).catch(() => incoming.socket.destroy())
    })
    server.on("connection", (socket: Socket) => {
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
    })
    const close = Effect.async<void>((resume) => {
      if (!server.listening) return resume(Effect.void)
      server.close(() => resume(Effect.void))
      for (const socket of sockets) socket.destroy()
    })
    const port = yield* Effect.acquireRelease(listen(server, 0), () => close)
    return {
      url: `http://127.0.0.1:${port}`,
      rule: (fate) => Effect.sync(() => void (rule = fate)),
      methods: Effect.sync(() => [...methods]),
      down: close,
      up: Effect.asVoid(listen(server, port))
    }
  })
