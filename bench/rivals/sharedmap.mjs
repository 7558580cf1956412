// sharedmap 1.2.0, the closest peer: pure JavaScript, locks for lines and for the map.

import SharedMap from 'sharedmap'

const KEY_ROOM = 44, VALUE_ROOM = 16

export default {
  name: 'sharedmap', keys: ['string'], shares: true, grows: false, package: 'sharedmap',
  note: 'strings only, of fixed length; fixed size; a worker terminated under contention leaves the map hanging for all; keys as long as the limit are lost',
  create({ entries = 1000 } = {}) {
    const map = new SharedMap(Math.ceil(entries * 1.5), KEY_ROOM, VALUE_ROOM)
    return { invite: () => ({ token: map }), close() {} }
  },
  attach(token) {
    const map = Object.setPrototypeOf(token, SharedMap.prototype)
    // Numbers come back as strings: whoever stores numbers has to convert them.
    return {
      get(key) { const value = map.get(key); return value === undefined ? undefined : Number(value) },
      set: (key, value) => map.set(key, value),
      delete: key => map.delete(key),
    }
  },
  close() {},
}
