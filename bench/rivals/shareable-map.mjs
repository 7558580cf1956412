// ShareableMap of shared-memory-datastructures 1.0.0-alpha.9: shared memory without any synchronisation.

import { ShareableMap } from 'shared-memory-datastructures'

export default {
  name: 'ShareableMap', keys: ['integer', 'string'], shares: true, grows: false, package: 'shared-memory-datastructures',
  note: 'no synchronisation at all: entries are lost when several threads write; when it grows, only the thread that grew it sees the new entries',
  create({ entries = 1000 } = {}) {
    const map = new ShareableMap({ expectedSize: entries * 2, averageBytesPerValue: 64 })
    return { invite: () => ({ token: map.toTransferableState() }), close() {} }
  },
  attach: token => ShareableMap.fromTransferableState(token),
  close() {},
}
