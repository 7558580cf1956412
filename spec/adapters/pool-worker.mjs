// A task of a pool: it attaches, as careless programs do, without detaching.

export default async function task({ library, handle, key, endless, crash }) {
  const { SharedMap } = await import(library)
  const map = SharedMap.attach(handle)
  map.set(key, 'done')
  if (crash) setTimeout(() => { throw new Error('on purpose') }, 0)
  if (endless || crash) await new Promise(resolve => setTimeout(resolve, 100_000))
  return key
}
