// Runs a script of `workers/` in a thread, or a process, of its own and returns its one message.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { WrongAnswers } from './driver.mjs'

const scriptOf = name => new URL(`../workers/${name}.mjs`, import.meta.url)

/** In a thread. benny's own progress is not shown. @throws WrongAnswers if the script counted any */
export async function inThread(name, workerData) {
  const worker = new Worker(scriptOf(name), { workerData, stdout: true, resourceLimits: { maxOldGenerationSizeMb: 8192 } })
  const ended = once(worker, 'exit')
  const [message] = await once(worker, 'message')
  await worker.terminate()
  await ended
  if (message.wrong > 0) throw new WrongAnswers(name, { misses: 0, wrong: message.wrong })
  return message
}

/** In a process, so that its resident memory is that of the one thing it does, and what ends it ends nothing else. */
export async function inProcess(name, data, flags = []) {
  const options = { execArgv: ['--expose-gc', '--max-old-space-size=8192', ...flags], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
  const child = fork(fileURLToPath(scriptOf(name)), [JSON.stringify(data)], options)
  const failed = once(child, 'exit').then(([code]) => { throw new Error(`${name} ended with ${code}`) })
  failed.catch(() => {})
  const message = await Promise.race([once(child, 'message').then(([answer]) => answer), failed])
  child.disconnect()
  return message
}
