/** Takes the lock of the folder in its argument, says whether it got it, and holds it until it is ended. */
import { lockFolder } from '../../src/database/folder-lock.js'

const [folder = ''] = process.argv.slice(2)
try {
  await lockFolder(folder)
  console.log('held')
} catch {
  console.log('refused')
}
process.stdin.resume()
