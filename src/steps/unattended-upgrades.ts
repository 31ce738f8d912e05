import { content } from '../core/data.ts'
import type { Step } from '../core/step.ts'
import { file } from './file.ts'

/**
 * Security fixes are installed every night, and nothing else is.
 *
 * The check compares a file of our own in /etc/apt/apt.conf.d, which overrides what the system's own files say. Needs the
 * package unattended-upgrades.
 *
 *     unattendedUpgrades()
 */
export function unattendedUpgrades(): Step {
  return file({
    path: '/etc/apt/apt.conf.d/52tasks-security-upgrades',
    title: 'security fixes, and nothing else, are installed every night',
    content: content(settings),
  })
}

const settings = `// Security fixes every night, and nothing else. Written by tasks; yours win in a file whose name sorts later.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
#clear Unattended-Upgrade::Allowed-Origins;
#clear Unattended-Upgrade::Origins-Pattern;
Unattended-Upgrade::Origins-Pattern {
  "origin=Debian,codename=\${distro_codename},label=Debian-Security";
  "origin=Debian,codename=\${distro_codename}-security,label=Debian-Security";
  "origin=Ubuntu,archive=\${distro_codename}-security";
  "origin=UbuntuESM,archive=\${distro_codename}-infra-security";
  "origin=UbuntuESMApps,archive=\${distro_codename}-apps-security";
};
Unattended-Upgrade::Automatic-Reboot "false";
`
