// The rules of the map's protocol, each switched off by an edit of the built kernel; and the known bugs of the original and
// its descendants, as far as they can be made here. Every one must be caught.

import type { Mutant } from '../mutants'
import type { Held } from './driver'

/** A mutant of the map, and on which kind of map it shows. */
export interface MapMutant extends Mutant {
  readonly held?: Held
  /** The program on which it shows soonest; it is tried first. */
  readonly shows?: string
}

const RETRY = 'return 0 /* Retry */;'
const LIFE = 'store(area + 1 /* Life */, pack(lifeHigh, lifeLow))', MARK = 'swap(area + 0 /* Owner */, seen, guardedWord(seen), 77 /* Guard */)'

export const MUTANTS: readonly MapMutant[] = [
  // --- reads
  { name: 'a frozen value is still readable', shows: 'put | resize', fn: 'isReadable',
    from: 'return', to: 'if ((high(word) & 4) !== 0) return !1; return' },
  { name: 'a read of a present key ends with a root check', shows: 'get | delete, resize, resize, put', fn: 'answer',
    from: '&& rootIs(map, generation) ?', to: '?' },
  { name: 'a read of an absent key ends with a root check', shows: 'get | delete, resize, resize', fn: 'absentUnder',
    from: 'rootIs(map, generation) ?', to: '!0 ?' },
  { name: 'a dead slot sends the reader to the successor', shows: 'get | get, half copied', fn: 'getUnder',
    from: 'isDead(word) ? getBeyond(map, me, generation, end)', to: 'isDead(word) ? absentUnder(map, generation)' },
  { name: 'a sealed key sends the reader to the successor', shows: 'put new | resize', fn: 'getUnder',
    from: 'end === 536870912 /* Sealed */ ||', to: '' },
  { name: 'a reader believes a copied record only if the slot still names it', shows: 'put | get', fn: 'describeValue',
    from: 'read && same && sameStamp(map, me)', to: '!0', held: 'records' },
  { name: 'the hot read ends with a root check', shows: 'read | delete, resize, resize, put', fn: 'getInteger',
    from: 'load(map + 8 /* Root */) !== root || valueTag', to: 'valueTag' },
  { name: 'a bulk read ends with a root check', shows: 'readMany | delete, resize, resize, put', fn: 'answerGroup',
    from: 'load(map + 8 /* Root */) === root ?', to: '!0 ?' },
  { name: 'a bulk read does not take a sealed key for an Empty one', shows: 'put new | readMany, half copied', fn: 'answerAt',
    from: 'isEmptyKey(word) ?', to: 'endsProbe(word) ?' },
  // --- writes
  { name: 'a write checks the root before its swap', shows: 'resize, put new, resize', fn: 'writeSlot',
    from: `if (!makeNextRecord(map, me)) return 5 /* NoMemory */;
      if (!rootIs(map, generation)) ${RETRY}`, to: 'if (!makeNextRecord(map, me)) return 5 /* NoMemory */;' },
  { name: 'a new key checks the root before its swap', shows: 'resize, put new, resize', fn: 'insert',
    from: 'rootIs(map, generation) ?', to: '!0 ?' },
  { name: 'a refusal ends with a root check', shows: 'delete | delete, resize, resize', fn: 'refuse', from: 'rootIs(map, generation) ?', to: '!0 ?' },
  { name: 'the hot put checks the root before its swap', shows: 'set | delete, resize, resize, put', fn: 'updateInteger',
    from: ' || load(map + 8 /* Root */) !== root', to: '' },
  { name: 'the hot put of a new key checks the root before it takes the key', shows: 'set | resize, resize', fn: 'insertInteger',
    from: '!isEmptyKey(empty) || load(map + 8 /* Root */) !== root', to: '!isEmptyKey(empty)' },
  { name: 'the hot put of a new key checks the root before it writes the value', shows: 'set | resize, resize', fn: 'insertInteger',
    from: '!isEmptyValue(seen) || load(map + 8 /* Root */) !== root', to: '!isEmptyValue(seen)' },
  { name: 'the hot put of a new key reserves room', shows: 'set new | put new', fn: 'insertInteger',
    from: ' || reserve(map, me, generation, softLimit(slotsOf(root))) !== 0 /* Reserved */', to: '' },
  { name: 'the hot add checks the root before its swap', shows: 'add | delete, resize, resize, put', fn: 'addTo',
    from: ' || load(map + 8 /* Root */) !== root', to: '' },
  { name: 'the hot delete checks the root before its swap', shows: 'remove | delete, resize, resize, put', fn: 'deleteIn',
    from: ' || load(map + 8 /* Root */) !== root', to: '' },
  { name: 'the hot delete of an absent key ends with a root check', shows: 'remove | resize, resize', fn: 'deleteInteger',
    from: 'load(map + 8 /* Root */) === root ?', to: '!0 ?' },
  { name: 'a bulk put checks the root before its swap', shows: 'setMany | delete, resize, resize, put', fn: 'updateInteger',
    from: ' || load(map + 8 /* Root */) !== root', to: '' },
  { name: 'a bulk put looks whose key has come where its search ended', shows: 'setMany | put new', fn: 'putAt',
    from: 'agrees(word, 1 /* Integer */, key, -1)', to: '!0' },
  { name: 'a frozen value is not written (JCTools 205)', shows: 'put | resize', fn: 'writeSlot',
    from: 'isDead(seen) || isPrime(seen)', to: 'isDead(seen)' },
  { name: 'a put that loses its swap answers what it replaces (JCTools 319)', shows: 'put | put', fn: 'writeSlot',
    from: 'if (swap(slot + 1, seen, nextWord(map, me, seen), stepOf(map, me, seen)))',
    to: 'if (!swap(slot + 1, seen, nextWord(map, me, seen), stepOf(map, me, seen))) seen = load(slot + 1);' },
  { name: 'a conditional write of an absent key writes nothing (JCTools 244)', shows: 'replace, deleted', fn: 'matches',
    from: '(expect === 0 /* Any */ || expect === 2 /* Absent */)', to: '(!0)' },
  { name: 'records are equal by their bytes', shows: 'compareAndSet | put', fn: 'matches',
    from: 'sameRecord(map, valueReference(seen), peek(fields, 21 /* ExpectPlace */)',
    to: '!1 && sameRecord(map, valueReference(seen), peek(fields, 21 /* ExpectPlace */)', held: 'records' },
  { name: 'each step moves the version of a value word', shows: 'put | get', fn: 'valueWord',
    from: '(high(seen) & -8) + 8 /* NextVersion */', to: '(high(seen) & -8)' },
  { name: 'what a write replaces is freed', shows: 'put | get', fn: 'dropOld', from: 'freeBlock(map, me, record)', to: '0', held: 'records' },
  { name: 'what a write has not used is freed', shows: 'compareAndSet | put', fn: 'giveBackUnused',
    from: 'peek(fields, 26 /* NextRecord */) !== 0 && freeBlock(map, me, peek(fields, 26 /* NextRecord */))', to: '0', held: 'records' },
  { name: 'a key record belongs to the slot where it was published', shows: 'put | get', fn: 'insert',
    from: 'poke(fields, 28 /* KeyRecord */, 0), ', to: '', held: 'records' },
  { name: 'entries are counted', shows: 'put | get', fn: 'written', from: '!live && !deletes && addSize(map, me, 1)', to: '0' },
  { name: 'a search ends at a sealed key, not as at an Empty one', shows: 'put new | get, half copied', fn: 'find',
    from: 'low(word) === 0 /* Empty */ ? index | 268435456', to: '!0 ? index | 268435456' },
  // --- the hop
  { name: 'a writer hops only once its slot is dead', shows: 'put new | get, half copied', fn: 'writeDuringCopy',
    from: 'if (end === 268435456 /* Empty */ || end === 0 /* Key */)', to: 'if (!1)' },
  { name: 'a full table of other keys sends the reader to the successor', shows: 'put new, get | resize, full table', fn: 'getUnder',
    from: ' || end === 805306368 /* Full */) return getBeyond(map, me, generation, end);',
    to: ') return getBeyond(map, me, generation, end); if (end === 805306368) return absentUnder(map, generation);' },
  // --- room
  { name: 'a new key is reserved before it is taken', shows: 'put new | resize', fn: 'reserve',
    from: 'if (isClosed(seen)) return 2 /* Closed */;', to: '' },
  { name: 'a resize that there is room for is not denied', shows: 'put new | delete, put new, put, resize', fn: 'writeInRoot',
    from: 'last === 3 /* Full */ &&', to: '',
    also: { fn: 'isUseless', from: 'live = seemAlive(map, generation, capacity, claimed), next = nextCapacity(map, capacity, live, claimed)',
      to: 'next = nextCapacity(map, capacity, seemAlive(map, generation, capacity, claimed), claimed), live = seemAlive(map, generation, capacity, claimed)' } },
  { name: 'the successor\'s claims are settled before it is promoted', shows: 'resize | resize', fn: 'swing',
    from: '|| !settle(map, generation + 1 | 0, closed - moved)', to: '' },
  { name: 'closed claims say what the resize is for', shows: 'put new | clear', fn: 'startResize',
    from: 'decided = isForClear(closed) ? 2 /* Clear */ : 1 /* Copy */', to: 'decided = kind' },
  // --- start
  { name: 'a region that a killed builder took is adopted', shows: 'put new | resize', fn: 'takeRegion',
    from: 'return regionState(seen) === 1 /* InUse */', to: 'return !1' },
  { name: 'a region is taken only while the root stands', shows: 'resize | resize, resize, resize, resize, quiesce', fn: 'takeRegion',
    from: 'if (!rootIs(map, generation)) return !1;', to: '' },
  { name: 'a header word is set only from an older generation', shows: 'put new | resize', fn: 'setHeaderWord',
    from: 'if (!isOlder(high(seen), generation)) return high(seen) === generation;', to: '' },
  { name: 'a resize begins only when the table before is swept', shows: 'clear | clear', fn: 'startResize',
    from: 'finishSweep(map, me, generation - 1 | 0);', to: '' },
  // --- the copy
  { name: 'a copier seals Empty keys', shows: 'put new | get, half copied', fn: 'sealKey', from: 'for (; ; )', to: 'return !0; for (; ; )' },
  { name: 'a copier checks the root before it seals', shows: 'clear | resize', fn: 'sealKey',
    from: 'if (!rootIs(map, generation)) return !1;', to: '' },
  { name: 'a copier checks the root after it has read the value, also a Prime', shows: 'put | resize, delete, resize', fn: 'copySlot',
    from: `0 /* Dead */;
      if (!rootIs(map, generation)) return -1 /* Gone */;`, to: '0 /* Dead */;' },
  { name: 'a value is carried before it is dead', shows: 'get | get, half copied', fn: 'carryOver', from: 'for (; ; )', to: 'return !0; for (; ; )' },
  { name: 'a carry never writes over a newer value', shows: 'put | resize', fn: 'carryOver', from: 'if (!isEmptyValue(seen)) return !0;', to: '' },
  { name: 'a carry checks its source before it takes the key', shows: 'resize | resize, delete, resize, resize, put', fn: 'carryOver',
    from: `if (!isEmptyKey(empty)) continue;
        if (!stillPrime(slot, prime)) return !1;`, to: 'if (!isEmptyKey(empty)) continue;' },
  { name: 'a carry checks its source before it writes the value (a deleted key comes back)', shows: 'resize | resize, delete, resize, resize, put', fn: 'carryOver',
    from: `if (!isEmptyValue(seen)) return !0;
      if (!stillPrime(slot, prime)) return !1;`, to: 'if (!isEmptyValue(seen)) return !0;' },
  { name: 'deleted and moved are different deaths', shows: 'delete | resize', fn: 'freeze',
    from: 'bareWord(seen, 3 /* DeadDeleted */)', to: 'bareWord(seen, 4 /* DeadMoved */)' },
  // --- the end of the copy
  { name: 'a chunk is done only when each of its slots is dead', shows: 'get | get, half copied', fn: 'copyChunk',
    from: 'let copied = copySlot(map, me, generation, slots + (index << 1));',
    to: 'let copied = index > 1 ? 0 : copySlot(map, me, generation, slots + (index << 1));' },
  { name: 'the root is swung only when every chunk is done (JCTools 151)', shows: 'put new | put new, growing', fn: 'movedInAll',
    from: 'generationOf(word) !== generation || chunkState(word) === 0 /* Open */', to: 'generationOf(word) !== generation' },
  { name: 'chunks that a killed helper took are done by others (a stopped helper hangs all)', shows: 'put new | put new, growing', fn: 'copyChunk',
    from: 'if (chunkState(word) !== 0 /* Open */) return !0;',
    to: 'if (chunkState(word) !== 0 /* Open */ || low(load(tableAt(map, generation) + 16)) > chunk + 1) return !0;' },
  { name: 'a clear is not copied', shows: 'clear | resize', fn: 'finishCopy',
    from: ' || load(tableAt(map, generation) + 1 /* Successor */) !== successorWord(generation, 1 /* Copy */)', to: '' },
  // --- reseeds, and keys in pieces
  { name: 'a keyed table is searched under its own seeds, also beside one that is keyed anew', shows: 'get | reseed, keyed', fn: 'seedLow',
    from: 'tableAt(map, generation)', to: 'tableAt(map, 0)' },
  { name: 'what a comparison in pieces has shown is used only in searches of its table',
    shows: 'getInPieces | put, delete, resize, resize, put a like key', fn: 'recall',
    from: 'peek(fields, facts + 0 /* Generation */) === generation',
    to: 'peek(fields, facts + 0 /* Generation */) !== 0', held: 'records' },
  // --- clear
  { name: 'a clear takes effect once', shows: 'put, clear', fn: 'clearUnder',
    from: 'finishKill(map, me, generation), 3 /* Written */', to: 'finishKill(map, me, generation), kind === 2 ? 3 : 0' },
  { name: 'a clear uncounts what it drops', shows: 'put, clear', fn: 'dropValue', from: ', addSize(map, me, -1)', to: '' },
  { name: 'a cleared table is killed before it is swept', shows: 'sweep | sweep, cleared', fn: 'openSweep',
    from: 'if (!allDone(map, generation, chunksOf(map, capacity))) return finishKill(map, me, generation);', to: '' },
  { name: 'a clear kills only while the chunk is open', shows: 'put | clear, put new, clear, put', fn: 'killSlot', from: `if (isDead(seen)) return !0;
      if (!isOpenChunk(map, generation, chunk)) return !1;`, to: 'if (isDead(seen)) return !0;' },
  { name: 'once a worker is reaped, a clear that it had decided comes no more', shows: 'clear | reap, put, put new, growing', fn: 'isClearing',
    from: 'return', to: 'return !1 &&' },
  // --- who comes
  { name: 'a header is judged only if the root has not moved on (attach beside a resize)', shows: 'attach | resize, resize', fn: 'hasRoot',
    from: 'if (load(map + 8 /* Root */) === root)', to: '' },
  // --- the sweep
  { name: 'a sweeper checks the region before each swap', shows: 'put | get', fn: 'isRetired',
    from: 'return load(regionAt(map, generation)) === regionWord(generation, 2 /* Retired */)', to: 'return !0' },
  { name: 'a key that moved keeps its record', shows: 'get | get, half copied', fn: 'dropKey',
    from: ' && valueState(value) !== 4 /* DeadMoved */', to: '', held: 'records' },
  { name: 'a key that did not move is freed', shows: 'put new | resize', fn: 'dropKey',
    from: 'freeBlock(map, me, keyReference(key))', to: '0', held: 'records' },
  { name: 'a swept key word is of the next incarnation', shows: 'resize | resize', fn: 'sweptKey',
    from: '(high(word) & -64) + 64 /* NextIncarnation */', to: '(high(word) & -64)' },
  { name: 'the key word is swept before the value word', shows: 'get | get, half copied', fn: 'sweepSlot',
    from: 'let key = load(slot), value = load(slot + 1);',
    to: `let first = load(slot + 1);
    if (!isEmptyValue(first) && isRetired(map, generation)) swap(slot + 1, first, bareWord(first, 0), stepOfSweep(first));
    let key = load(slot), value = load(slot + 1);`, held: 'records' },
  // --- places
  { name: 'a place counts as taken before it is taken', shows: 'put | get', fn: 'enter', from: 'raisePlaces(map, area);', to: '' },
  { name: 'an invitation that was accepted is not given back', shows: 'accept | decline', fn: 'decline',
    from: 'if (!isInvited(seen, me)) return !1;', to: '' },
  { name: 'the name of a lock is there before the mark', shows: 'guard | ask', fn: 'guard',
    from: `(${LIFE}, isGuarded(seen) || ${MARK})`, to: `(${MARK}, ${LIFE}, !0)` },
  { name: 'a mark is set for the owner alone whose lock it is', shows: 'guard too late', fn: 'guard', from: 'isOwned(seen, me) ?', to: '!0 ?' },
  // --- memory
  { name: 'an emptied span is retired before its tails are claimed', shows: 'claim | claimEdge, a span at the edge', fn: 'isHeld',
    from: 'swap(pageAt(map, first), seen, freeWord(seen), 68 /* Retire */)', to: '!0', held: 'records' },
  { name: 'a tail is claimed anew at each claim', shows: 'claimEdge | claimEdge', fn: 'claimTail',
    from: 'if (!isFree(', to: 'if (pageState(seen) === 3 && low(seen) === low(tail)) return !0; if (!isFree(', held: 'records' },
  { name: 'who finds a page claimed meanwhile gives up the others', shows: 'claimEdge | claimEdge', fn: 'claimMany',
    from: 'return abandon(map, first, claimed), !1;', to: '{}', held: 'records' },
  { name: 'a page is reserved anew for each successor', shows: 'shrink, claimEdge | extend', fn: 'reservePage',
    from: 'isReservedFor(seen, generation)', to: 'pageState(seen) === 6', held: 'records' },
  { name: 'the zone is closed before a successor is installed', shows: 'put | resize', fn: 'build',
    from: 'closeZone(map, generation + 1 | 0), ', to: '' },
  { name: 'a page that held blocks is cleaned before tables have it', shows: 'claimEdge | extend', fn: 'reservePage',
    from: 'clean ? 0 : 1', to: '0', held: 'records' },
  { name: 'who cleans a page stops once others have', shows: 'extend | extend, resize, quiesce, shrink, claimEdge', fn: 'cleanCell',
    from: 'if (load(pageAt(map, page)) !== word) return !1;', to: '', held: 'records' },
  { name: 'what an evacuation frees is what no slot names', shows: 'evacuate | put', fn: 'relocate', from: 'moved ? record : copy', to: 'record', held: 'records' },
]
