// The plain data that crosses the boundary. Each line has the name of the type in this crate, the Rust type, and the
// TypeScript type. `core` is pkg-scripts/core.d.ts. tests/declarations.rs generates that file from this table.

js_types! {
    JsCall: petit_td::Call = "core.Call";
    JsCleanupPlan: petit_plan::CleanupPlan = "core.CleanupPlan";
    JsCleanupRequest: petit_plan::CleanupRequest = "core.CleanupRequest";
    JsClonePlan: petit_plan::ClonePlan = "core.ClonePlan";
    JsCloneRequest: petit_plan::CloneRequest = "core.CloneRequest";
    JsColumns: Vec<petit_td::Column> = "Array<core.Column>";
    JsCopyJobKind: petit_td::copy_job::Kind = "core.CopyJobKind";
    JsCopyProgress: petit_td::copy_job::Progress = "core.CopyProgress";
    JsCopyStep: petit_td::copy_job::Step = "core.CopyStep";
    JsEncodeOptions: petit_codec::parquet_options::EncodeOptions = "core.EncodeOptions";
    JsEncodedRowGroup: petit_codec::row_group::EncodedRowGroup = "core.EncodedRowGroup";
    JsErrorReport: petit_text::ErrorReport = "core.ErrorReport";
    JsExportPlan: petit_plan::ExportPlan = "core.ExportPlan";
    JsExportRequest: petit_plan::ExportRequest = "core.ExportRequest";
    JsFailureDescription: petit_td::FailureDescription = "core.FailureDescription";
    JsIdRule: petit_td::publish::IdRule = "core.IdRule";
    JsJobInfo: petit_td::JobInfo = "core.JobInfo";
    JsLeftovers: petit_td::removal::Leftovers = "core.Leftovers";
    JsListedTables: petit_td::publish::ListedTables = "core.ListedTables";
    JsMetadata: Vec<(String, String)> = "Array<[string, string]>";
    JsNamingProgress: petit_td::publish::naming::Progress = "core.NamingProgress";
    JsNamingStep: petit_td::publish::naming::Step = "core.NamingStep";
    JsPartitioning: petit_plan::Partitioning = "core.Partitioning";
    JsPartitions: Vec<petit_plan::Partition> = "Array<core.Partition>";
    JsPublishProgress: petit_td::publish::Progress = "core.PublishProgress";
    JsPublishStep: petit_td::publish::Step = "core.PublishStep";
    JsRelay: petit_td::Relay = "core.Relay";
    JsRemoval: petit_td::removal::Removal = "core.Removal";
    JsResolvedTimes: petit_plan::ResolvedTimes = "core.ResolvedTimes";
    JsResponseHead: petit_td::ResponseHead = "core.ResponseHead";
    JsRetryState: petit_td::publish::RetryState = "core.RetryState";
    JsRow: Vec<Option<String>> = "Array<string | undefined>";
    JsRowBatch: petit_codec::splitter::RowBatch = "core.RowBatch";
    JsRows: Vec<Vec<Option<String>>> = "Array<Array<string | undefined>>";
    JsSchemaDescription: petit_codec::schema::SchemaDescription = "core.SchemaDescription";
    JsSegment: petit_codec::part::Segment = "core.Segment";
    JsSegmentOptions: petit_codec::part::SegmentOptions = "core.SegmentOptions";
    JsSessionChange: petit_td::session::Change = "core.SessionChange";
    JsSessionInfo: petit_td::SessionInfo = "core.SessionInfo";
    JsSessionProgress: petit_td::session::Progress = "core.SessionProgress";
    JsSessionRemovalStep: petit_td::removal::SessionStep = "core.SessionRemovalStep";
    JsSessionStep: petit_td::session::SessionStep = "core.SessionStep";
    JsSideQueries: petit_plan::SideQueries = "core.SideQueries";
    JsSlices: Vec<petit_plan::Slice> = "Array<core.Slice>";
    JsSplitOptions: petit_codec::splitter::SplitOptions = "core.SplitOptions";
    JsStatements: petit_plan::Statements = "core.Statements";
    JsTableInfo: petit_td::TableInfo = "core.TableInfo";
    JsTables: Vec<petit_td::TableInfo> = "Array<core.TableInfo>";
    JsTimeOptions: petit_plan::TimeOptions = "core.TimeOptions";
    JsVerifyPlan: petit_plan::VerifyPlan = "core.VerifyPlan";
    JsVerifyRequest: petit_plan::VerifyRequest = "core.VerifyRequest";
}
