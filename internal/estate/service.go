package estate

// steady is a meter that runs by itself, without a caller: model services that
// are no inference, and all that has nothing to do with models.
type steady struct {
	*meter
	account  *account
	region   region
	every    int     // days from one line to the next
	mean     float64 // units on a line
	resource string
	app      string // resource tag; empty for none
}

// modelService is a meter of Bedrock that is no call of a model.
func modelService(code, usage, operation, unit, price, what string) *meter {
	product := "Amazon Bedrock"
	if code == "AmazonBedrockAgentCore" {
		product = "Amazon Bedrock AgentCore"
	}
	return &meter{ai: true, code: code, product: product, family: "Amazon Bedrock", usage: "{p}-" + usage, operation: operation,
		unit: unit, describe: "${$} per " + what + " in {n}", price: dec(price), scale: 4}
}

// service is a meter of another service.
func service(code, product, family, usage, operation, unit, price, what string) *meter {
	return &meter{code: code, product: product, family: family, usage: usage, operation: operation,
		unit: unit, describe: "${$} per " + what, price: dec(price), scale: 6}
}

var (
	guardContent = modelService("AmazonBedrock", "Guardrail-ContentPolicyUnitsConsumed", "ApplyGuardrail", "1K text units", "0.15", "1K text units by content filters")
	guardPrivacy = modelService("AmazonBedrock", "Guardrail-SensitiveInformationPolicyUnitsConsumed", "ApplyGuardrail", "1K text units", "0.10", "1K text units by sensitive information filters")
	knowledge    = modelService("AmazonBedrock", "BedrockKnowledgeBase-searchunits", "Rerank", "Search units", "0.002", "search unit")
	generateSQL  = modelService("AmazonBedrock", "KnowledgeBase-GenerateSQL-Requests", "GenerateQuery", "1K requests", "2.00", "1K generated queries")
	flows        = modelService("AmazonBedrock", "BedrockFlows-NodeTransitions", "InvokeFlow", "1K node transitions", "0.035", "1K node transitions")
	automation   = modelService("AmazonBedrock", "DataAutomation-Documents-Standard", "InvokeDataAutomation", "Pages", "0.01", "page by data automation")
	training     = modelService("AmazonBedrock", "NovaLite-Customization-Storage", "CustomModelStorage", "Month", "1.95", "month of storage for a custom model")
	provisioned  = modelService("AmazonBedrock", "Claude3Haiku-ProvisionedThroughput-1Month-ModelUnits", "ProvisionedThroughput", "Hrs", "39.60", "hour of a model unit of Claude 3 Haiku")
	runtimeCPU   = modelService("AmazonBedrockAgentCore", "Runtime-Consumption-based:vCPU", "RunAgent", "vCPU-Hours", "0.0895", "vCPU hour")
	runtimeRAM   = modelService("AmazonBedrockAgentCore", "Runtime-Consumption-based:Memory", "RunAgent", "GB-Hours", "0.00945", "GB hour")
	gateway      = modelService("AmazonBedrockAgentCore", "Gateway-Consumption-based:ToolInvocations", "InvokeGateway", "1K requests", "0.005", "1K tool invocations")
	shortMemory  = modelService("AmazonBedrockAgentCore", "Short-Term-Memory-Consumption-based:Events", "CreateEvent", "1K events", "0.25", "1K events of short-term memory")
	browserCPU   = modelService("AmazonBedrockAgentCore", "BrowserTool-Consumption-based:vCPU", "RunBrowser", "vCPU-Hours", "0.0895", "vCPU hour of the browser tool")
	leases       = modelService("AmazonBedrockAgentCore", "Orchestra-lease-windows", "HoldLease", "Windows", "0.011", "lease window")

	reserved = &meter{ai: true, seller: anthropic, product: "Claude Sonnet 4.6 (Amazon Bedrock Edition)", family: "Amazon Bedrock",
		usage: "{p}-MP:{p}_Reserved_1Month_InputTPM_Geo-Units", operation: "Reserved", unit: units, price: dec("0.40"), provider: "Anthropic",
		describe: "AWS Marketplace software usage|{r}|Reserved 1 Month Thousand Input TPM Geo"}
	planner = &meter{ai: true, seller: "Example Planner Ltd", product: "Example Planner (Amazon Bedrock Edition)", family: "Amazon Bedrock",
		usage: "{p}-MP:{p}_PlannerSteps-Units", operation: "Usage", unit: units, price: dec("0.75"), scale: 6,
		describe: "AWS Marketplace software usage|{r}|Planner Steps"}

	compute    = service("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute Instance", "{p}-BoxUsage:m7g.2xlarge", "RunInstances", "Hrs", "0.3264", "On Demand Linux m7g.2xlarge Instance Hour")
	disks      = service("AmazonEC2", "Amazon Elastic Compute Cloud", "Storage", "{p}-EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "GB-Mo", "0.08", "GB-month of General Purpose (gp3) storage in {n}")
	storage    = service("AmazonS3", "Amazon Simple Storage Service", "Storage", "{p}-TimedStorage-ByteHrs", "StandardStorage", "GB-Mo", "0.023", "GB - first 50 TB / month of storage used")
	requests   = service("AmazonS3", "Amazon Simple Storage Service", "API Request", "{p}-Requests-Tier2", "GetObject", "Requests", "0.0000004", "GET request")
	database   = service("AmazonRDS", "Amazon Relational Database Service", "Database Instance", "{p}-InstanceUsage:db.r7g.xl", "CreateDBInstance:0021", "Hrs", "0.478", "RDS db.r7g.xlarge Single-AZ instance hour running PostgreSQL")
	transfer   = service("AWSDataTransfer", "AWS Data Transfer", "Data Transfer", "{p}-DataTransfer-Out-Bytes", "RunInstances", "GB", "0.09", "GB - first 10 TB / month data transfer out")
	functions  = service("AWSLambda", "AWS Lambda", "Serverless", "{p}-Lambda-GB-Second", "Invoke", "Lambda-GB-Second", "0.0000166667", "GB-second")
	metrics    = service("AmazonCloudWatch", "AmazonCloudWatch", "Metric", "{p}-CW:MetricMonitorUsage", "MetricStorage", "Metrics", "0.30", "metric-month")
	observable = &meter{seller: "Example Observability Ltd", product: "Example Observability Suite", family: "Software as a Service",
		usage: "{p}-MP:{p}_IngestedGB-Units", operation: "Usage", unit: units, price: dec("0.10"), scale: 3,
		describe: "AWS Marketplace software usage|{r}|Ingested GB"}
)

// groupModelServices are the AI charges of the large payer that have no caller.
func groupModelServices(p *payer) []steady {
	prod, science, support, tools, search := p.accounts[1], p.accounts[3], p.accounts[4], p.accounts[5], p.accounts[6]
	return []steady{
		{guardContent, support, virginia, 1, 40, "arn:aws:bedrock:us-east-1:" + support.id + ":guardrail/support01", "support-assistant"},
		{guardPrivacy, support, virginia, 1, 25, "arn:aws:bedrock:us-east-1:" + support.id + ":guardrail/support01", "support-assistant"},
		{knowledge, search, virginia, 1, 3000, "arn:aws:bedrock:us-east-1:" + search.id + ":knowledge-base/KBSEARCH01", "search-answers"},
		{generateSQL, science, oregon, 3, 2, "", ""},
		{flows, prod, virginia, 2, 120, "", ""},
		{automation, prod, virginia, 2, 400, "", "payments-triage"},
		{training, science, virginia, 7, 0.25, "", ""},
		{provisioned, prod, virginia, 7, 2, "arn:aws:bedrock:us-east-1:" + prod.id + ":provisioned-model/pm01", ""},
		{runtimeCPU, prod, virginia, 1, 60, "", "catalogue"},
		{runtimeRAM, prod, virginia, 1, 300, "", "catalogue"},
		{gateway, prod, virginia, 2, 900, "", ""},
		{shortMemory, prod, virginia, 2, 30, "", ""},
		{browserCPU, tools, oregon, 3, 8, "", ""},
		{leases, prod, virginia, 3, 200, "", ""},
		{reserved, support, virginia, 7, 200, "", ""},
		{planner, tools, virginia, 2, 6, "", ""},
	}
}

// groupServices are the other services of the large payer: about a quarter of
// its dollars.
func groupServices(p *payer) []steady {
	var list []steady
	for i, a := range p.accounts[1:] {
		at, app := p.regions[i%3], "web-"+a.name
		size := []float64{0.75, 0.25, 0.5, 0.4, 0.25, 0.6, 0.5, 0.1}[i%8]
		list = append(list,
			steady{compute, a, at, 1, 70 * size, "i-0" + hexOf(16, a.id, "host"), app},
			steady{storage, a, at, 1, 90 * size, a.name + "-data", app},
			steady{disks, a, at, 3, 60 * size, "vol-0" + hexOf(16, a.id, "disk"), ""},
			steady{requests, a, at, 2, 4_000_000 * size, a.name + "-data", ""})
		if i%2 == 0 {
			list = append(list,
				steady{database, a, at, 1, 30 * size, "arn:aws:rds:" + at.code + ":" + a.id + ":db:main", app},
				steady{transfer, a, at, 2, 150 * size, "i-0" + hexOf(16, a.id, "host"), ""})
		} else {
			list = append(list,
				steady{functions, a, at, 2, 500_000 * size, "arn:aws:lambda:" + at.code + ":" + a.id + ":function:worker", app},
				steady{metrics, a, at, 7, 40 * size, "", ""})
		}
	}
	return append(list, steady{observable, p.accounts[7], virginia, 2, 200, "", ""})
}

func europeServices(p *payer) []steady {
	prod, dev := p.accounts[1], p.accounts[2]
	return []steady{
		{guardContent, prod, frankfurt, 2, 30, "", "contract-reader"},
		{runtimeCPU, prod, ireland, 3, 20, "", ""},
		{compute, prod, frankfurt, 1, 9, "i-0" + hexOf(16, prod.id, "host"), "contract-reader"},
		{storage, prod, frankfurt, 1, 120, prod.name + "-data", ""},
		{database, prod, ireland, 1, 6, "arn:aws:rds:eu-west-1:" + prod.id + ":db:main", ""},
		{transfer, dev, frankfurt, 3, 20, "", ""},
	}
}

func labsServices(p *payer) []steady {
	prod := p.accounts[1]
	return []steady{
		{leases, prod, oregon, 3, 120, "", ""},
		{compute, prod, oregon, 1, 8, "i-0" + hexOf(16, prod.id, "host"), "agents"},
		{storage, prod, oregon, 1, 30, prod.name + "-data", ""},
		{functions, prod, oregon, 2, 60_000, "", ""},
	}
}

// amount returns mean × factor in the meter's decimals.
func (m *meter) amount(mean, factor float64) fixed {
	unit := int64(1)
	for range m.scale {
		unit *= 10
	}
	return fixed{max(1, int64(mean*factor*float64(unit))), m.scale}
}
