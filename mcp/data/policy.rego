# The rules that hold where no others are given. A call goes on if `allow` is true and `deny` is empty; a rule that
# cannot be judged denies. What `needs_approval` names waits until somebody else than the caller says yes.
#
# input: {tool, state, arguments, control, caller: {name, role}, approval, cloud, reads, nodes, worst_case_usd}
# `worst_case_usd` is null where nothing is bought; `approval` is null or {by, way}, way `form` or `grant`: of a form
# the client vouches for the name, a grant is made by somebody who can read the server's key.
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
	input.tool == "failover_route"
	input.state == "absent"
	input.caller.role != "operator"
	msg := "P007 withdrawing a route is for operators"
}

needs_approval contains msg if {
	input.state == "present"
	input.nodes > 500
	msg := sprintf("P005 %d nodes in one call; 500 need nobody", [input.nodes])
}

needs_approval contains msg if {
	input.tool in {"failover_route", "rotate_secret"}
	input.state == "absent"
	msg := sprintf("P007 what %s takes away may be in use: two people", [input.tool])
}
