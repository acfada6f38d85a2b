//! The rules of the house in Rego, asked before every call. What cannot be judged is denied.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use regorus::{Engine, Value};
use serde_json::json;
use tradewind_core::hash;

use super::budget::bought;
use crate::approval::Approval;
use crate::control::State;
use crate::provider::{Call, Pending, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::{Reply, Request};

/// The rules that hold where no others are given.
const DEFAULT: &str = include_str!("../../data/policy.rego");

/// What every policy must say.
const RULES: [&str; 2] = ["allow", "deny"];
/// What it may say: why a call needs the yes of a person.
const NEEDS: &str = "needs_approval";

/// Words of rules whose verdict is not always the same on the same input: time, chance, the world outside.
const FICKLE: [&str; 5] = ["time.", "rand.", "uuid.", "http.", "opa."];
/// Verdicts on reads that are kept, and the longest key of one, in bytes.
const MOST_KEPT: usize = 1_000;
const LONGEST_KEPT: usize = 4_096;

/// A policy that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct PolicyError {
    /// The file.
    pub file: String,
    /// What is wrong, with the place.
    pub what: String,
}

/// Asks a policy.
pub struct Policy<P> {
    inner: P,
    cloud: String,
    engine: Mutex<Engine>,
    /// Whether the rules ever want an approval.
    asks: bool,
    /// SHA-256 of the rules: what a refusal was decided by.
    hash: String,
    /// Verdicts on reads by what rules see of them; none where the rules may say another thing next time.
    kept: Option<RwLock<HashMap<String, Arc<Verdict>>>>,
}

impl<P> Policy<P> {
    /// Around a provider; `rules` are files by name, ours if there are none. They make up the package `tradewind`
    /// with `allow` (a boolean), `deny` (a set of texts), and `needs_approval` (another) where something needs a yes.
    ///
    /// # Errors
    /// A file that is no Rego.
    pub fn new(inner: P, cloud: &str, rules: &[(String, String)]) -> Result<Self, PolicyError> {
        let ours = [("policy.rego".to_owned(), DEFAULT.to_owned())];
        let rules = if rules.is_empty() { &ours[..] } else { rules };
        let mut engine = Engine::new();
        for (file, text) in rules {
            let add = engine.add_policy(file.clone(), text.clone());
            add.map_err(|e| PolicyError { file: file.clone(), what: e.to_string() })?;
        }
        for rule in RULES {
            let what = || format!("the package tradewind has no rule `{rule}`");
            let missing = |_| PolicyError { file: rules[0].0.clone(), what: what() };
            engine.set_input(Value::new_object());
            engine.eval_rule(format!("data.tradewind.{rule}")).map_err(missing)?;
        }
        let asks = engine.eval_rule(format!("data.tradewind.{NEEDS}")).is_ok();
        let is_fickle = rules.iter().any(|(_, text)| FICKLE.iter().any(|word| text.contains(word)));
        Ok(Self {
            inner,
            asks,
            cloud: cloud.to_owned(),
            engine: Mutex::new(engine),
            hash: hash::of(&rules),
            kept: (!is_fickle).then(RwLock::default),
        })
    }

    /// What a verdict on a call can be kept under; none for changes, whose keys make each another one. Rules are a function
    /// of their input, and of a read that is its request, its caller and what is always the same.
    fn key(&self, call: &Call) -> Option<String> {
        let is_plain = call.control.is_none() && !matches!(call.approval, Approval::Given(_));
        self.kept.as_ref().filter(|_| is_plain)?;
        let key = serde_json::to_string(&(&call.request, &call.caller.name, &call.caller.role)).ok()?;
        (key.len() <= LONGEST_KEPT).then_some(key)
    }

    /// A verdict that was kept: a client that looks at the same thing again and again is asked about once.
    fn recall(&self, key: &str) -> Option<Arc<Verdict>> {
        self.kept.as_ref()?.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep(&self, key: String, verdict: Arc<Verdict>) {
        let Some(kept) = &self.kept else { return };
        let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, verdict);
    }

    /// What the rules say of a call.
    fn verdict(&self, input: &str) -> Result<Verdict, String> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        engine.set_input_json(input).map_err(|e| e.to_string())?;
        let mut asked = |rule: &str| engine.eval_rule(format!("data.tradewind.{rule}")).map_err(|e| e.to_string());
        let mut denials = texts(&asked("deny")?)?;
        if asked("allow")? != Value::from(true) && denials.is_empty() {
            denials.push("no rule allows it".to_owned());
        }
        let needs = if self.asks { texts(&asked(NEEDS)?)? } else { vec![] };
        Ok(Verdict { denials, needs })
    }
}

/// What the rules say: why a call is denied, and why it needs a yes; nothing where it is neither.
#[derive(Debug)]
struct Verdict {
    denials: Vec<String>,
    needs: Vec<String>,
}

/// The texts of a set.
fn texts(set: &Value) -> Result<Vec<String>, String> {
    let text = |t: &Value| t.as_string().map_or_else(|_| t.to_string(), |s| s.to_string());
    Ok(set.as_set().map_err(|e| e.to_string())?.iter().map(text).collect())
}

impl<P: Provider> Policy<P> {
    async fn check(&self, call: &Call) -> Result<(), Refusal> {
        let verdict = self.judged(call).await?;
        let Verdict { denials, needs } = &*verdict;
        if denials.is_empty() && needs.is_empty() {
            return Ok(());
        }
        let help = format!("the rules have the hash {}", &self.hash[..12]);
        if !denials.is_empty() {
            return Err(Refusal::new("TW6001", Class::Denied, denials.join("; "), help));
        }
        if needs.is_empty() || matches!(call.approval, Approval::Given(_)) {
            return Ok(());
        }
        let refusal = Refusal::new("TW5019", Class::Denied, format!("needs an approval: {}", needs.join("; ")), help);
        Err(refusal.waiting_for(needs.clone()))
    }

    /// The verdict on a call. What cannot be judged is denied, and not kept.
    async fn judged(&self, call: &Call) -> Result<Arc<Verdict>, Refusal> {
        let key = self.key(call);
        if let Some(verdict) = key.as_ref().and_then(|key| self.recall(key)) {
            return Ok(verdict);
        }
        let input = self.input(call).await?.to_string();
        match self.verdict(&input).map(Arc::new) {
            Ok(verdict) => {
                if let Some(key) = key {
                    self.keep(key, verdict.clone());
                }
                Ok(verdict)
            }
            Err(why) => {
                let denials = vec![format!("the policy could not be judged: {why}")];
                Ok(Arc::new(Verdict { denials, needs: vec![] }))
            }
        }
    }

    /// What the rules see; every key is there on every call, so that no rule falls silent for a missing one.
    async fn input(&self, call: &Call) -> Result<serde_json::Value, Refusal> {
        let bought = bought(call);
        let nodes = bought.as_ref().map_or(0, |b| b.count);
        let worst = match bought {
            None => None,
            Some(asked) => {
                let estimate = Call { request: Request::GetCostEstimate(asked), control: None, ..call.clone() };
                match self.inner.call(&estimate).await?.reply {
                    Reply::GetCostEstimate(reply) => Some(reply.worst_case_usd.as_f64()),
                    _ => None,
                }
            }
        };
        let arguments = serde_json::to_value(&call.request).unwrap_or_default();
        Ok(json!({
            "tool": call.request.tool(),
            "state": call.control.as_ref().map_or(State::Present, |c| c.state),
            "arguments": arguments.as_object().and_then(|o| o.values().next()),
            "control": call.control,
            "approval": if let Approval::Given(given) = &call.approval { Some(given) } else { None },
            "caller": {"name": call.caller.name, "role": call.caller.role},
            "cloud": self.cloud,
            "reads": call.control.is_none(),
            "nodes": nodes,
            "worst_case_usd": worst,
        }))
    }
}

impl<P: Provider> Provider for Policy<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            self.check(call).await?;
            self.inner.call(call).await
        })
    }
}
