// A worker of the demo (see words.mjs). It takes the files one at a time, and each has a state in the map:
//
//     free  ->  claimed by w  ->  publishing by w  ->  done
//      ^             |
//      +-------------+   the main thread takes the file away, before it kills w
//
// Every arrow out of a state that two threads may leave is a compareAndSet, so exactly one of them wins it, and the loser knows.
//   free -> claimed          all workers want the file. With get and set, two could read `free` and both count it.
//   claimed -> publishing    against claimed -> free. With get and set, a worker could read `claimed`, lose the file to the main
//                            thread, add its words all the same, and the next owner would add them again; or it could be killed
//                            halfway through its additions, and nobody could say which words are in.
// The last step belongs to its worker alone, and is a plain set.

import { readFileSync } from 'node:fs'
import { isMainThread, workerData } from 'node:worker_threads'
import { SharedMap } from '../../dist/index.js'

if (!isMainThread) work(workerData)

function work({ handle, files, name }) {
  const map = SharedMap.attach(handle)
  for (const [index, file] of files.entries()) {
    const state = `file ${index}`
    if (!map.compareAndSet(state, 'free', `claimed by ${name}`)) continue
    const counts = count(file, new Map())
    // Who loses the file leaves, and claims no other. So when the main thread has won this file, this worker holds nothing and can
    // never again be publishing: it may be killed wherever it stands.
    if (!map.compareAndSet(state, `claimed by ${name}`, `publishing by ${name}`)) return
    for (const [word, times] of counts) map.add(`word ${word}`, times)
    map.set(state, 'done')
  }
}

/** Adds the words of a file to a plain `Map`: its runs of letters, digits, `_` and `'`, in lower case. */
export function count(file, counts) {
  for (const word of readFileSync(file, 'utf8').toLowerCase().match(/[\p{L}\p{N}_']+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
