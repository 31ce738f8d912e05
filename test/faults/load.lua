-- What wrk asks and what it hears: steady, and with each answer counted by its status and the release that gave it.
local threads = {}
seen = {}

function setup(thread)
  table.insert(threads, thread)
end

-- Milliseconds before each request of a connection: a load, and no race.
function delay()
  return 100
end

function response(status, headers)
  local answer = status .. ' ' .. (headers['X-Release'] or '')
  seen[answer] = (seen[answer] or 0) + 1
end

function done(summary, latency)
  local answers = {}
  for _, thread in ipairs(threads) do
    for answer, count in pairs(thread:get('seen')) do
      table.insert(answers, string.format('"%s": %d', answer, count))
    end
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"answers": {%s}, "errors": {"connect": %d, "read": %d, "write": %d, "timeout": %d}, "p50": %d, "p99": %d, "max": %d}\n',
    table.concat(answers, ', '), errors.connect, errors.read, errors.write, errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max
  ))
end
