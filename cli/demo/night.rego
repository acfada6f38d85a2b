# The rules under which the demo's night is launched. Ours for every day are in mcp/data/policy.rego; docs/mcp.md says what
# rules see.
package tradewind

import rego.v1

# Longest life of a machine that is launched for one night, seconds.
longest_s := 86400

# What one call may cost at the worst without a second person, USD.
alone_usd := 50

default allow := false

allow if input.reads

allow if input.control.owner == "night"

deny contains msg if {
	input.control.ttl_s > longest_s
	msg := sprintf("N001 to live %d h; %d h is the most", [input.control.ttl_s / 3600, longest_s / 3600])
}

needs_approval contains msg if {
	input.worst_case_usd > alone_usd
	msg := sprintf("N002 it may cost USD %d; up to %d need nobody", [ceil(input.worst_case_usd), alone_usd])
}
