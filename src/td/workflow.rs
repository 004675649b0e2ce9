//! Attempts of workflows, as returned by TD's workflow API (digdag's REST API).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::StartAttempt;
use super::deserialize::{flag, text, text_or_empty};

/// An attempt, which is one run of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct AttemptInfo {
    /// Its id.
    #[serde(deserialize_with = "text_or_empty")]
    pub id: String,
    /// The session that it belongs to.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub session_id: String,
    /// The workflow that it runs.
    #[serde(default)]
    pub workflow: NamedId,
    /// The project of the workflow.
    #[serde(default)]
    pub project: NamedId,
    /// Its status: `running`, `success`, `error`, `killed` or another one. Use `done` and `success` for decisions.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub status: String,
    /// Whether it has ended.
    #[serde(default, deserialize_with = "flag")]
    pub done: Option<bool>,
    /// Whether it ended successfully.
    #[serde(default, deserialize_with = "flag")]
    pub success: Option<bool>,
    /// Time of creation, ISO 8601.
    #[serde(default, deserialize_with = "text")]
    pub created_at: Option<String>,
    /// End time, ISO 8601.
    #[serde(default, deserialize_with = "text")]
    pub finished_at: Option<String>,
}

/// Something with an id and a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct NamedId {
    /// Its id.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
}

/// The body of a start: the workflow and the session time. A workflow has at most one attempt per session time.
pub fn start_body(start: &StartAttempt) -> String {
    json!({"workflowId": start.workflow_id, "sessionTime": start.session_time, "params": {}})
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_read_as_digdag_writes_them() {
        let attempt: AttemptInfo = serde_json::from_value(json!({
            "id": "67890", "index": 1,
            "project": {"id": "1", "name": "daily"}, "workflow": {"id": 9_007_199_254_740_993_u64, "name": "load"},
            "sessionId": "33", "sessionUuid": "u", "sessionTime": "2026-01-01T00:00:00+00:00",
            "retryAttemptName": null, "done": true, "success": false, "cancelRequested": false,
            "params": {}, "createdAt": "2026-01-01T00:00:01Z", "finishedAt": null, "status": "error"
        }))
        .unwrap();
        assert_eq!(
            (attempt.id.as_str(), attempt.session_id.as_str()),
            ("67890", "33")
        );
        assert_eq!(attempt.workflow.id, "9007199254740993");
        assert_eq!((attempt.done, attempt.success), (Some(true), Some(false)));
        assert_eq!(attempt.finished_at, None);
    }
}
