import type { Tx } from '../../src/database/database.js'

/** The same transaction, telling of each statement that it is asked for. */
export function countStatements(tx: Tx, count: () => void): Tx {
  const counting = <T extends object>(target: T, isModel: boolean): T =>
    new Proxy(target, {
      get(object, name) {
        const member: unknown = Reflect.get(object, name)
        if (typeof member === 'function' && (isModel || String(name).startsWith('$'))) {
          return (...args: unknown[]) => {
            count()
            return Reflect.apply(member, object, args) as unknown
          }
        }
        return typeof member === 'object' && member !== null ? counting(member, true) : member
      },
    })
  return counting(tx, false)
}
