// A plain Map. It cannot be shared: each thread that attaches has one of its own.

export default {
  name: 'Map', keys: ['integer', 'string'], shares: false, grows: true, package: undefined,
  note: 'one thread only; nothing is shared',
  create: () => ({ invite: () => ({ token: 0 }), close() {} }),
  attach: () => new Map(),
  close: map => map.clear(),
}
