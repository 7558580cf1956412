// The lock-based map of this folder, as a rival.

import { LockedMap, createLocked } from './locked-map.mjs'

export default {
  name: 'lock-based map', keys: ['integer', 'string'], shares: true, grows: true, package: undefined,
  note: 'the benchmark\'s own: one mutex; a thread that dies while it holds it stops all others',
  create({ entries = 0, presized = true } = {}) {
    const buffer = createLocked({ byteLength: 2 ** 31 - 65536, capacity: presized ? entries : 0 })
    return { invite: () => ({ token: buffer }), close() {} }
  },
  attach: token => new LockedMap(token),
  close() {},
}
