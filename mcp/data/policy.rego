# The rules that hold where no others are given. A call goes on if `allow` is true and `deny` is empty; a rule that
# cannot be judged denies.
#
# input: {tool, state, arguments, control, caller: {name, role}, cloud, reads, nodes, worst_case_usd}
# `worst_case_usd` is null where nothing is bought.
package tradewind

import rego.v1

default allow := false

allow if input.reads

allow if input.state == "absent"

allow if {
	input.state == "present"
	input.control.owner != ""
}

deny contains msg if {
	input.state == "present"
	input.nodes > 500
	msg := sprintf("P005 %d nodes in one call; at most 500", [input.nodes])
}

deny contains msg if {
	input.tool == "failover_route"
	input.state == "absent"
	input.caller.role != "operator"
	msg := "P007 withdrawing a route is for operators"
}
