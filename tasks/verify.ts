import { defineTask, deployFindings, home, homeOf, param, rawShell, siteVerified } from '../src/index.ts'

/** The site is asked, from outside of the application, whether it serves what was deployed. */
export const verify = defineTask({
  name: 'verify',
  summary: 'Ask a site whether it serves its current release, and run your functional tests against it',
  params: { site: param.site() },
  steps: ({ host, params, app }) => {
    const site = { site: params.site, user: host.siteUser, home, path: app.project.healthPath }
    return [homeOf(host.siteUser), ...siteVerified(site), deployFindings(site)]
  },
  when: ({ app }) => app.verify.functionalTests !== undefined,
  local: async ({ app, params, local }) => {
    const { functionalTests = '' } = app.verify
    await local.run(rawShell(functionalTests), { env: { STAGING_SERVER: params.site, TEST_SERVER: params.site } })
  },
})
