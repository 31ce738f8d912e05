import { content, defineTask, file, param, sh, step } from 'tasks-ssh'

/** As many facts as are wanted: half of them are files with a text, owner and mode, half are asked by the shell alone. */
export const many = defineTask({
  name: 'many',
  summary: 'Make many small facts true',
  params: { facts: param.number({ default: 1000, summary: 'how many', placeholder: 'COUNT' }) },
  steps: ({ params }) =>
    Array.from({ length: params.facts / 2 }, (_, number) => [
      file({ path: `/srv/many/${number}`, content: content(`The text of ${number}.\n`), as: 'root' }),
      step({
        name: `link ${number}`,
        title: `link ${number} is there`,
        as: 'root',
        check: sh`[ -L /srv/many/link-${number} ]`,
        apply: sh`ln -s ${number} /srv/many/link-${number}`,
      }),
    ]).flat(),
})
