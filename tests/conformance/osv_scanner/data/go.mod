module example.com/x

go 1.25.0

require (
	code.sajari.com/docconv v1.3.4
	github.com/AndrewBurian/powermux v1.0.9
	github.com/aws/aws-sdk-go-v2/service/bedrockagentcore v1.15.2
	github.com/aws/aws-sdk-go-v2/service/lambda v1.88.5
	github.com/cloudwego/hertz v0.2.9
	github.com/cosmos/ibc-apps/middleware/packet-forward-middleware/v7 v7.2.1
	github.com/ctfer-io/chall-manager v0.1.3
	github.com/envoyproxy/gateway v1.7.4
	github.com/fluxcd/kustomize-controller v0.23.9
	github.com/free5gc/openapi v1.2.1
	github.com/gardener/gardener-extension-provider-gcp v1.46.0
	github.com/gogo/protobuf v1.3.1
	github.com/googleapis/mcp-toolbox v1.2.0
	github.com/grafana/loki/v3 v3.5.9
	github.com/hahwul/dalfox/v2 v2.13.0
	github.com/julien040/anyquery/plugins/edge v1.0.0
	github.com/l3montree-dev/devguard v1.3.9
	github.com/linode/terraform-provider-linode/v3 v3.8.9
	github.com/matrix-org/gomatrixserverlib v1.0.0
	github.com/patrickhener/goshs/v2 v2.0.0
	github.com/satori/go.uuid v1.0.0
	github.com/slsa-framework/slsa-verifier/v2 v2.0.0
	github.com/snowflakedb/gosnowflake v1.6.9
	github.com/stripe/stripe-cli v1.7.12
	github.com/tinfoil-factory/netfoil v0.2.1
	github.com/u-root/u-root v0.8.9
	github.com/zarf-dev/zarf v0.54.0
	go.opentelemetry.io/contrib/instrumentation/github.com/gorilla/mux/otelmux v0.43.9
	go.opentelemetry.io/ebpf-profiler v0.0.9
	open-cluster-management.io/ocm v0.13.0
)
