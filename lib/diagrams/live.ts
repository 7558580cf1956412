// The server of the live view: a handful of files from memory, and the headers under which a page may share memory.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import files from '#diagrams/live'

/** Options of {@link serveLive}. */
export interface LiveOptions {
  /** Default: any that is free. */
  readonly port?: number
  /** Default: 127.0.0.1, which no other machine can reach. Browsers share memory on a name of this machine, or by HTTPS, only. */
  readonly host?: string
}

/** A server that runs. */
export interface LiveServer {
  /** Where the page is. */
  readonly url: string
  /** Stops serving; resolves when the port is free again. */
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml',
}

/** Isolation, so that the page may share memory; and a policy that lets it load nothing but the files of this server. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/**
 * Serves a page on which real web workers put, get and delete on one map that grows while one watches.
 *
 * @returns where the page is, and how to stop
 * @throws Error if the port is taken, or the host is not one of this machine's
 */
export async function serveLive({ port = 0, host = '127.0.0.1' }: LiveOptions = {}): Promise<LiveServer> {
  const server = createServer(answer)
  await listen(server, port, host)
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${(server.address() as AddressInfo).port}/`, close: () => stop(server) }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(reasonOf(error, port, host), { cause: error })))
    server.listen(port, host, resolve)
  })
}

function reasonOf(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} of ${host} is taken. Name another one, or none for any that is free.`
  if (error.code === 'EACCES') return `Port ${port} of ${host} may not be used without further rights. Name one above 1023, or none for any that is free.`
  return `Nothing can be served at ${host}, port ${port}: ${error.message}`
}

function stop(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!.split('?')[0]!, name = path === '/' ? '/page.html' : path
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'text/plain', 'Only GET and HEAD are answered here.\n', { Allow: 'GET, HEAD' })
  if (!Object.hasOwn(files, name)) return end(response, 404, 'text/plain', 'There is no such file.\n')
  end(response, 200, TYPES[name.split('.').at(-1)!]!, request.method === 'HEAD' ? '' : files[name]!)
}

function end(response: ServerResponse, status: number, type: string, body: string, more: Record<string, string> = {}): void {
  response.writeHead(status, { ...HEADERS, ...more, 'Content-Type': type })
  response.end(body)
}
