import Mocha from 'mocha'

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Mocha.Runner.constants

/**
 * A line for each suite while it runs, failures in full, the names of what was skipped, and at the very end
 * `N passed, N failed, N skipped`.
 */
export default class Reporter extends Mocha.reporters.Base {
  constructor(runner, options) {
    super(runner, options)
    const skipped = []
    let passed = 0
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.title !== '' && suite.fullTitle() === suite.title) process.stdout.write(`\n  ${suite.title} `)
    })
    runner.on(EVENT_TEST_PASS, () => {
      passed += 1
      process.stdout.write('.')
    })
    runner.on(EVENT_TEST_PENDING, (test) => {
      skipped.push(test.fullTitle())
      process.stdout.write('-')
    })
    runner.on(EVENT_TEST_FAIL, () => process.stdout.write('!'))
    runner.once(EVENT_RUN_END, () => {
      const seconds = ((this.stats.duration ?? 0) / 1000).toFixed(1)
      process.stdout.write('\n\n')
      if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures)
      if (skipped.length > 0)
        process.stdout.write(`skipped:\n${skipped.map((title) => `  - ${title}\n`).join('')}\n`)
      process.stdout.write(`${seconds} s\n`)
      process.stdout.write(`${passed} passed, ${this.failures.length} failed, ${skipped.length} skipped\n`)
    })
  }
}
