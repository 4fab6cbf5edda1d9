package estate

import (
	"showback"
)

// fleetRegions are where the fleet runs. The prefix is that of usage types.
var fleetRegions = []region{
	virginia, oregon, frankfurt, ireland,
	{"us-east-2", "USE2", "US East (Ohio)"}, {"us-west-1", "USW1", "US West (N. California)"},
	{"ca-central-1", "CAN1", "Canada (Central)"}, {"sa-east-1", "SAE1", "South America (Sao Paulo)"},
	{"eu-west-2", "EUW2", "EU (London)"}, {"eu-west-3", "EUW3", "EU (Paris)"},
	{"eu-north-1", "EUN1", "EU (Stockholm)"}, {"eu-south-1", "EUS1", "EU (Milan)"},
	{"ap-northeast-1", "APN1", "Asia Pacific (Tokyo)"}, {"ap-northeast-2", "APN2", "Asia Pacific (Seoul)"},
	{"ap-southeast-1", "APS1", "Asia Pacific (Singapore)"}, {"ap-southeast-2", "APS2", "Asia Pacific (Sydney)"},
	{"ap-south-1", "APS3", "Asia Pacific (Mumbai)"}, {"me-south-1", "MES1", "Middle East (Bahrain)"},
	{"af-south-1", "AFS1", "Africa (Cape Town)"}, {"ap-east-1", "APE1", "Asia Pacific (Hong Kong)"},
}

// ware is a meter of another service and how the names of its resources begin.
type ware struct {
	*meter
	resource string
}

// instances are services that sell by the kind of instance: each family in
// each size, in each of the ways it is metered.
type instances struct {
	code, product, family, operation string
	ways                             []string // usage types, up to the kind of instance
	families, sizes                  []string
	resource                         string
	cents                            int64 // an hour of the smallest of the first family, in hundredths of a cent
}

var (
	ec2Families = []string{"t3", "t3a", "t4g", "m5", "m5a", "m5d", "m5n", "m6a", "m6g", "m6i", "m6id", "m7a", "m7g", "m7i", "m8g", "c5", "c5a", "c5d", "c5n", "c6a",
		"c6g", "c6gn", "c6i", "c6in", "c7a", "c7g", "c7i", "c8g", "r5", "r5a", "r5b", "r5n", "r6a", "r6g", "r6i", "r7a", "r7g", "r7i", "r8g", "x2gd", "x2idn", "i3", "i3en", "i4g",
		"i4i", "d3", "g4dn", "g5", "g6", "z1d"}
	ec2Sizes   = []string{"medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"}
	dataSizes  = []string{"medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"}
	dataFamily = []string{"db.t3", "db.t4g", "db.m5", "db.m5d", "db.m6g", "db.m6i", "db.m6gd", "db.m7g", "db.m7i", "db.r5", "db.r5b", "db.r5d", "db.r6g", "db.r6i", "db.r6gd", "db.r7g",
		"db.r7i", "db.r8g", "db.x2g", "db.x2iedn", "db.z1d"}
	cacheFamily  = []string{"cache.t3", "cache.t4g", "cache.m5", "cache.m6g", "cache.m7g", "cache.r5", "cache.r6g", "cache.r6gd", "cache.r7g", "cache.c7gn"}
	searchFamily = []string{"t3", "m5", "m6g", "m7g", "c5", "c6g", "r5", "r6g", "r6gd", "r7g", "i3", "im4gn", "or1"}
	learnFamily  = []string{"ml.t3", "ml.m5", "ml.m5d", "ml.m6i", "ml.m6g", "ml.m7i", "ml.c5", "ml.c5d", "ml.c6i", "ml.c6g", "ml.c7i", "ml.r5", "ml.r6g", "ml.r7i", "ml.g4dn", "ml.g5", "ml.g6"}
)

var byInstance = []instances{
	{"AmazonEC2", "Amazon Elastic Compute Cloud", "Compute Instance", "RunInstances", []string{"BoxUsage:", "SpotUsage:", "DedicatedUsage:", "UnusedBox:", "UnusedDed:"}, ec2Families, ec2Sizes, "i-0", 42},
	{"AmazonRDS", "Amazon Relational Database Service", "Database Instance", "CreateDBInstance:0021", []string{"InstanceUsage:", "Multi-AZUsage:", "Multi-AZClusterUsage:"}, dataFamily, dataSizes, "db-", 68},
	{"AmazonElastiCache", "Amazon ElastiCache", "Cache Instance", "CreateCacheCluster:0002", []string{"NodeUsage:", "ExtendedSupportNodeUsage:"}, cacheFamily, dataSizes, "cache-", 34},
	{"AmazonES", "Amazon OpenSearch Service", "Amazon OpenSearch Service Instance", "ESDomain", []string{"ESInstance:"}, searchFamily, dataSizes, "search-", 36},
	{"AmazonSageMaker", "Amazon SageMaker", "ML Instance", "RunInstance", []string{"Host:", "Train:", "Notebk:"}, learnFamily, dataSizes, "ml-", 50},
}

// byUse are meters of use, not of time.
var byUse = []struct {
	code, product, family, operation, unit, resource string
	thousandths                                      int64 // of a cent for a unit
	usage                                            []string
}{
	{"AmazonS3", "Amazon Simple Storage Service", "Storage", "StandardStorage", "GB-Mo", "data-", 2300,
		[]string{"TimedStorage-ByteHrs", "TimedStorage-SIA-ByteHrs", "TimedStorage-ZIA-ByteHrs", "TimedStorage-GlacierByteHrs", "TimedStorage-GDA-ByteHrs", "TimedStorage-INT-FA-ByteHrs", "TimedStorage-INT-IA-ByteHrs"}},
	{"AmazonS3", "Amazon Simple Storage Service", "API Request", "PutObject", "Requests", "data-", 1,
		[]string{"Requests-Tier1", "Requests-Tier3", "Requests-Tier4", "Requests-SIA-Tier1", "Requests-SIA-Tier2", "Requests-INT-Tier1", "Requests-GDA-Tier3", "Select-Scanned-Bytes", "Select-Returned-Bytes"}},
	{"AmazonEC2", "Amazon Elastic Compute Cloud", "Storage", "CreateVolume", "GB-Mo", "vol-0", 8000,
		[]string{"EBS:VolumeUsage.gp2", "EBS:VolumeUsage.io1", "EBS:VolumeUsage.io2", "EBS:VolumeUsage.st1", "EBS:VolumeUsage.sc1", "EBS:VolumeUsage", "EBS:SnapshotUsage", "EBS:VolumeP-IOPS.gp3", "EBS:VolumeP-Throughput.gp3"}},
	{"AWSLambda", "AWS Lambda", "Serverless", "Invoke", "Requests", "function-", 2,
		[]string{"Request", "Request-ARM", "Lambda-GB-Second-ARM", "Lambda-Provisioned-GB-Second", "Lambda-Provisioned-Concurrency", "Lambda-Edge-Request"}},
	{"AmazonDynamoDB", "Amazon DynamoDB", "Amazon DynamoDB PayPerRequest Throughput", "PayPerRequestThroughput", "RequestUnits", "table-", 1,
		[]string{"ReadRequestUnits", "WriteRequestUnits", "ReplWriteRequestUnits", "TimedStorage-ByteHrs-DDB", "TimedBackupStorage-ByteHrs", "TimedPITRStorage-ByteHrs", "Streams-Requests"}},
	{"AmazonCloudWatch", "AmazonCloudWatch", "Metric", "MetricStorage", "Metrics", "", 3000,
		[]string{"CW:Requests", "CW:GMD-Metrics", "CW:AlarmMonitorUsage", "CW:HighResAlarmMonitorUsage", "DataProcessing-Bytes", "VendedLog-Bytes", "TimedStorage-Logs-ByteHrs", "CW:Canary-runs", "DashboardsUsageHour"}},
	{"awskms", "AWS Key Management Service", "API Request", "Decrypt", "Requests", "key-", 3, []string{"KMS-Requests", "KMS-Requests-Asymmetric", "KMS-Keys"}},
	{"AWSQueueService", "Amazon Simple Queue Service", "API Request", "SendMessage", "Requests", "queue-", 1, []string{"Requests-Tier1-SQS", "Requests-FIFO-Tier1"}},
	{"AmazonECS", "Amazon Elastic Container Service", "Compute", "FargateTask", "hours", "task-", 4000,
		[]string{"Fargate-vCPU-Hours:perCPU", "Fargate-GB-Hours", "Fargate-ARM-vCPU-Hours:perCPU", "Fargate-ARM-GB-Hours", "Fargate-EphemeralStorage-GB-Hours"}},
	{"AmazonVPC", "Amazon Virtual Private Cloud", "VpcEndpoint", "VpcEndpoint", "Hrs", "vpce-", 1000,
		[]string{"VpcEndpoint-Hours", "VpcEndpoint-Bytes", "NatGateway-Hours", "NatGateway-Bytes", "PublicIPv4:InUseAddress", "PublicIPv4:IdleAddress", "TransitGateway-Hours", "TransitGateway-Bytes"}},
	{"AWSELB", "Elastic Load Balancing", "Load Balancer", "LoadBalancing:Application", "Hrs", "loadbalancer-", 2250, []string{"LoadBalancerUsage", "LCUUsage", "NLCUUsage", "DataProcessing-Bytes-ELB"}},
	{"AWSGlue", "AWS Glue", "AWS Glue", "Jobrun", "DPU-Hour", "job-", 44_000, []string{"ETL-DPU-Hour", "Crawler-DPU-Hour", "Catalog-Storage", "Catalog-Request", "ETL-Flex-DPU-Hour"}},
	{"AmazonKinesis", "Amazon Kinesis", "Kinesis Streams", "shardHourStorage", "Shard Hour", "stream-", 1500, []string{"Storage-ShardHour", "PutRequestPayloadUnits", "OnDemand-StreamHour", "OnDemand-BilledIncomingBytes"}},
}

// wares lists meters of services beside models in a fixed order, in which what
// everybody has stands first. No two have the same usage type.
func wares() []ware {
	var list []ware
	for _, u := range byUse {
		for _, usage := range u.usage {
			m := service(u.code, u.product, u.family, "{p}-"+usage, u.operation, u.unit, "1", u.unit+" of "+usage)
			m.price = scaled(u.thousandths, 5)
			list = append(list, ware{m, u.resource})
		}
	}
	for _, s := range byInstance {
		for f, family := range s.families {
			for n, size := range s.sizes {
				for w, way := range s.ways {
					kind := family + "." + size
					if s.code == "AmazonES" {
						kind += ".search"
					}
					m := service(s.code, s.product, s.family, "{p}-"+way+kind, s.operation, "Hrs", "1", way+kind+" instance hour")
					m.price = hourPrice(s.cents, f, n, w)
					list = append(list, ware{m, s.resource})
				}
			}
		}
	}
	for _, to := range fleetRegions {
		for _, way := range []string{"-AWS-Out-Bytes", "-AWS-In-Bytes"} {
			m := service("AWSDataTransfer", "AWS Data Transfer", "Data Transfer", "{p}-"+to.prefix+way, "InterRegion-Out", "GB", "0.02", "GB to or from "+to.name)
			list = append(list, ware{m, "i-0"})
		}
	}
	return list
}

// hourPrice doubles with each size and differs a little by family and way.
func hourPrice(cents int64, family, size, way int) showback.Decimal {
	return scaled((cents+int64(family))*(1<<size)*int64(10-way)/10+1, 4)
}
