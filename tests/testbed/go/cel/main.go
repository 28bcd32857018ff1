// Command cel evaluates CEL expressions in the environment of the API server's admission policies, one JSON object a line:
// it is the judge of Seawall's own engine. See cel_judge.py for the form of requests and answers.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

type request struct {
	Expression string                     `json:"expression"`
	Variables  map[string]json.RawMessage `json:"variables"`
}

type answer struct {
	Value        any     `json:"value"`
	ResultType   string  `json:"resultType,omitempty"`
	Error        *string `json:"error,omitempty"`
	CompileError *string `json:"compileError,omitempty"`
	Cost         uint64  `json:"cost,omitempty"`
}

// names are the variables that every expression may use; all are dyn but for the authorizer's two.
var names = []string{"object", "oldObject", "params", "request", "namespaceObject", "variables", "x", "y", "z"}

func newEnvironment() *cel.Env {
	options := []cel.EnvOption{
		cel.Variable("authorizer", library.AuthorizerType),
		cel.Variable("authorizer.requestResource", library.ResourceCheckType),
	}
	for _, name := range names {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        options,
	})
	if err != nil {
		panic(err)
	}
	return set.StoredExpressionsEnv()
}

func main() {
	env := newEnvironment()
	reader := bufio.NewScanner(os.Stdin)
	reader.Buffer(nil, 64<<20)
	writer := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for reader.Scan() {
		var r request
		if err := json.Unmarshal(reader.Bytes(), &r); err != nil {
			panic(err)
		}
		if err := encoder.Encode(judge(env, r)); err != nil {
			panic(err)
		}
		writer.Flush()
	}
}

func judge(env *cel.Env, r request) (result answer) {
	defer func() {
		if panicked := recover(); panicked != nil {
			text := fmt.Sprintf("panic: %v", panicked)
			result = answer{Error: &text}
		}
	}()
	ast, issues := env.Compile(r.Expression)
	if issues.Err() != nil {
		texts := []string{}
		for _, issue := range issues.Errors() {
			texts = append(texts, issue.Message)
		}
		text := strings.Join(texts, "\n")
		return answer{CompileError: &text}
	}
	program, err := env.Program(ast, cel.InterruptCheckFrequency(100))
	if err != nil {
		text := "program instantiation failed: " + err.Error()
		return answer{CompileError: &text}
	}
	variables := map[string]any{
		"authorizer":                 library.NewAuthorizerVal(principal, authorizer.AuthorizerFunc(decide)),
		"authorizer.requestResource": requestResource(),
	}
	for name, raw := range r.Variables {
		variables[name] = decode(raw)
	}
	value, details, err := program.ContextEval(context.Background(), variables)
	result.ResultType = ast.OutputType().String()
	if details != nil && details.ActualCost() != nil {
		result.Cost = *details.ActualCost()
	}
	if err != nil {
		text := err.Error()
		result.Error = &text
		return result
	}
	result.Value = encode(value)
	return result
}

func decode(raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	return numbers(value)
}

// numbers gives numbers the types that the API server's JSON reader gives them: int64 where they are written as whole.
func numbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if whole, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return whole
		}
		fraction, _ := v.Float64()
		return fraction
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return value
}

// encode writes a value as [type, content], so that nothing is lost in JSON.
func encode(value ref.Val) any {
	switch v := value.(type) {
	case types.Null:
		return []any{"null"}
	case types.Bool:
		return []any{"bool", bool(v)}
	case types.Int:
		return []any{"int", strconv.FormatInt(int64(v), 10)}
	case types.Uint:
		return []any{"uint", strconv.FormatUint(uint64(v), 10)}
	case types.Double:
		return []any{"double", strconv.FormatFloat(float64(v), 'g', -1, 64)}
	case types.String:
		return []any{"string", string(v)}
	case types.Bytes:
		return []any{"bytes", hex.EncodeToString(v)}
	case types.Duration:
		return []any{"duration", strconv.FormatInt(int64(v.Duration), 10)}
	case types.Timestamp:
		return []any{"timestamp", fmt.Sprintf("%d.%09d", v.Unix(), v.Nanosecond())}
	case *types.Type:
		return []any{"type", v.TypeName()}
	case *types.Optional:
		if !v.HasValue() {
			return []any{"optional"}
		}
		return []any{"optional", encode(v.GetValue())}
	case traits.Lister:
		items := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, encode(it.Next()))
		}
		return []any{"list", items}
	case traits.Mapper:
		entries := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, []any{encode(key), encode(v.Get(key))})
		}
		sort.Slice(entries, func(i, j int) bool { return text(entries[i]) < text(entries[j]) })
		return []any{"map", entries}
	case apiservercel.Quantity:
		return []any{"kubernetes.Quantity", v.Quantity.String()}
	case *apiservercel.Quantity:
		return []any{"kubernetes.Quantity", v.Quantity.String()}
	case apiservercel.Semver:
		return []any{"kubernetes.Semver", v.Version.String()}
	case apiservercel.URL:
		return []any{"kubernetes.URL", v.URL.String()}
	case apiservercel.IP:
		return []any{"net.IP", v.Addr.String()}
	case apiservercel.CIDR:
		return []any{"net.CIDR", v.Prefix.String()}
	case apiservercel.Format:
		return []any{"kubernetes.NamedFormat", v.Name}
	}
	return []any{value.Type().TypeName()}
}

func text(value any) string {
	data, _ := json.Marshal(value)
	return string(data)
}

var principal = &user.DefaultInfo{Name: "jane", UID: "u1", Groups: []string{"dev", "system:authenticated"}}

func requestResource() ref.Val {
	return library.NewResourceAuthorizerVal(principal, authorizer.AuthorizerFunc(decide), target{})
}

// decide answers by the verb and puts all that it was asked into the reason.
func decide(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	parts := []string{a.GetUser().GetName(), strings.Join(a.GetUser().GetGroups(), ","), a.GetVerb()}
	if a.IsResourceRequest() {
		parts = append(parts, a.GetAPIGroup(), a.GetAPIVersion(), a.GetResource(), a.GetSubresource(), a.GetNamespace(), a.GetName())
	} else {
		parts = append(parts, a.GetPath())
	}
	fields, fieldError := a.GetFieldSelector()
	for _, field := range fields {
		parts = append(parts, fmt.Sprintf("%s %s %s", field.Field, field.Operator, field.Value))
	}
	labels, labelError := a.GetLabelSelector()
	for _, label := range labels {
		parts = append(parts, label.String())
	}
	for _, err := range []error{fieldError, labelError} {
		if err != nil {
			parts = append(parts, err.Error())
		}
	}
	reason := strings.Join(parts, "|")
	switch a.GetVerb() {
	case "get":
		return authorizer.DecisionAllow, reason, nil
	case "delete":
		return authorizer.DecisionDeny, reason, nil
	case "watch":
		return authorizer.DecisionNoOpinion, reason, errors.New("the authorizer failed")
	}
	return authorizer.DecisionNoOpinion, reason, nil
}
