import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A real HTTP server whose manners the test decides, question by question. */
export class RudeHttp {
  readonly #server: Server
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[] = []
  readonly requests: IncomingMessage[] = []
  answer: (response: ServerResponse, url: URL) => void = (response) => response.end()

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => {
      this.asked.push(request.url ?? '')
      this.requests.push(request)
      this.answer(response, new URL(request.url ?? '', this.url))
    })
  }

  static async open(): Promise<RudeHttp> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new RudeHttp(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
