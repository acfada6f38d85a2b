//! The suite's fixtures: what is constant comes from `fixtures.json`, the rest is in [`crate::live`] and
//! [`crate::rounds`].
// The suite of 2025-11-25 sets levels of the log, which later revisions gave up.
#![allow(deprecated)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, CompleteRequestParams, CompleteResult,
    ErrorCode, GetPromptRequestParams, GetPromptResponse, GetPromptResult, GetTaskParams, GetTaskResult, JsonObject,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    Prompt, PromptMessage, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate, ServerCapabilities, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::task_manager::TaskManager;
use rmcp::{ErrorData, ServerHandler};
use serde::Deserialize;
use serde_json::{Value, json};
use tradewind_mcp::server::Server;

use crate::rounds::Rounds;
use crate::{live, slow};

/// The call that goes through the layers before each fixture.
const GATE: &str = "get_quotas";

/// The constant part.
#[derive(Deserialize)]
struct Table {
    tools: Vec<ToolRow>,
    rounds: BTreeMap<String, Vec<JsonObject>>,
    forms: BTreeMap<String, Value>,
    resources: Vec<Resource>,
    templates: Vec<ResourceTemplate>,
    contents: Vec<Value>,
    prompts: Vec<PromptRow>,
}

#[derive(Deserialize)]
struct ToolRow {
    tool: Tool,
    /// What it always answers, where it always answers the same.
    result: Option<CallToolResult>,
}

#[derive(Deserialize)]
struct PromptRow {
    prompt: Prompt,
    messages: Value,
}

/// Our server with the fixtures beside it.
#[derive(Clone)]
pub struct Fixtures {
    inner: Server,
    table: Arc<Table>,
    rounds: Arc<Rounds>,
    watched: Arc<Mutex<BTreeSet<String>>>,
    tasks: TaskManager,
}

impl Fixtures {
    /// Beside a server.
    pub fn new(inner: Server) -> serde_json::Result<Self> {
        let table: Table = serde_json::from_str(include_str!("fixtures.json"))?;
        let rounds = Arc::new(Rounds::new(table.rounds.clone()));
        Ok(Self { inner, table: Arc::new(table), rounds, watched: Arc::default(), tasks: TaskManager::new() })
    }

    /// What the layers say to the caller of a fixture, where it is no: a call that reads goes through all of them first,
    /// since a fixture is none of our tools and could not go itself.
    async fn stopped(&self, context: &RequestContext<RoleServer>) -> Result<Option<CallToolResult>, ErrorData> {
        let call = CallToolRequestParams::new(GATE);
        match self.inner.call_tool(call, context.clone()).await? {
            CallToolResponse::Complete(result) if result.is_error != Some(true) => Ok(None),
            CallToolResponse::Complete(result) => Ok(Some(result)),
            _ => Err(invalid(format!("{GATE} goes on after its answer"))),
        }
    }

    fn prompt(&self, request: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
        let row = self.table.prompts.iter().find(|p| p.prompt.name == request.name);
        let row = row.ok_or_else(|| invalid(format!("no prompt {:?}", request.name)))?;
        let mut text = row.messages.to_string();
        for (name, value) in request.arguments.iter().flatten() {
            text = text.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
        }
        let messages: Vec<PromptMessage> = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        Ok(GetPromptResult::new(messages))
    }
}

fn invalid(message: String) -> ErrorData {
    ErrorData::new(ErrorCode::INVALID_PARAMS, message, None)
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.inner.get_info();
        let all = ServerCapabilities::builder().enable_tools().enable_resources().enable_resources_subscribe();
        let all = all.enable_prompts().enable_completions().enable_logging().enable_tasks();
        info.capabilities = all.build();
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.inner.list_tools(request, context).await?;
        listed.tools.extend(self.table.tools.iter().map(|row| row.tool.clone()));
        Ok(listed)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let own = self.table.tools.iter().find(|row| row.tool.name == name).map(|row| row.tool.clone());
        own.or_else(|| self.inner.get_tool(name))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(row) = self.table.tools.iter().find(|row| row.tool.name == request.name) else {
            return self.inner.call_tool(request, context).await;
        };
        if let Some(refused) = self.stopped(&context).await? {
            return Ok(refused.into());
        }
        if let Some(result) = &row.result {
            return Ok(result.clone().into());
        }
        if slow::has(&request.name) {
            return slow::call(&request, &self.tasks, &context).await;
        }
        if self.rounds.has(&request.name) {
            let asked = self.rounds.next(
                &request.name,
                request.input_responses.as_ref(),
                request.request_state.as_deref(),
                &context,
            )?;
            return Ok(match asked {
                Ok(question) => question.into(),
                Err(text) if request.name == "test_tool_with_task" => slow::greeting(text, &self.tasks).into(),
                Err(text) => live::said(&text).into(),
            });
        }
        live::call(&request, self.table.forms.get(request.name.as_ref()), &context).await.map(Into::into)
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        match self.tasks.get_task(&request.task_id) {
            Ok(task) => Ok(GetTaskResult::new(task)),
            Err(_) => self.inner.get_task(request, context).await,
        }
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        match self.tasks.get_task(&request.task_id) {
            Ok(_) => self.tasks.update_task(&request.task_id, request.input_responses),
            Err(_) => self.inner.update_task(request, context).await,
        }
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        match self.tasks.get_task(&request.task_id) {
            Ok(_) => self.tasks.cancel_task(&request.task_id),
            Err(_) => self.inner.cancel_task(request, context).await,
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(self.table.resources.clone()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(self.table.templates.clone()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let constant = self.table.contents.iter().find(|c| c["uri"] == request.uri.as_str()).cloned();
        let by_id = || {
            let id = request.uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let text = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")}).to_string();
            Some(json!({"uri": request.uri, "mimeType": "application/json", "text": text}))
        };
        let missing = || ErrorData::resource_not_found("Resource not found", Some(json!({"uri": request.uri})));
        let contents = constant.or_else(by_id).ok_or_else(missing)?;
        let contents: ResourceContents = serde_json::from_value(contents).map_err(|e| invalid(e.to_string()))?;
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn subscribe(&self, request: SubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(request.uri);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).remove(&request.uri);
        Ok(())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(self.table.prompts.iter().map(|p| p.prompt.clone()).collect()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if self.rounds.has(&request.name) {
            let (answers, state) = (request.input_responses.as_ref(), request.request_state.as_deref());
            if let Ok(asked) = self.rounds.next(&request.name, answers, state, &context)? {
                return Ok(asked.into());
            }
        }
        self.prompt(&request).map(Into::into)
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Ok(CompleteResult::default())
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }
}
