// SharedMap, behind the interface that all rivals have.

import { SharedMap } from '../../dist/index.js'

const bytesFor = entries => Math.min(2 ** 32, Math.max(512 << 20, entries * 110))

export default {
  name: 'SharedMap', keys: ['integer', 'string'], shares: true, grows: true, package: undefined, note: '',
  create({ entries = 0, presized = true } = {}) {
    const map = SharedMap.create({ maxByteLength: bytesFor(entries), capacity: presized ? entries : undefined })
    return { invite: () => ({ token: map.handle }), close: () => map.detach() }
  },
  attach: (token, { backends = [] }, id) => SharedMap.attach(token, { backend: backends[id] }),
  close: map => map.detach(),
}
