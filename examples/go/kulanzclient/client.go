// Package kulanzclient is what every client of Kulanz needs: a channel, patience, and a look into errors. Copy it.
package kulanzclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"math/rand"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/health" // asks which servers are ready
	"google.golang.org/grpc/status"
)

// After these a request had no effect and never will: correct it, or take them as the answer. After all others
// nobody knows whether it had one, so the identical request is repeated.
var final = map[codes.Code]bool{
	codes.InvalidArgument: true, codes.NotFound: true, codes.AlreadyExists: true, codes.PermissionDenied: true,
	codes.Unauthenticated: true, codes.FailedPrecondition: true, codes.OutOfRange: true, codes.Unimplemented: true,
	codes.DataLoss: true, // a stored record is damaged: an operator has to act, and repeating is no use
}

var reconnecting = backoff.Config{BaseDelay: time.Second, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second}

// Options say where the server is, and who calls.
type Options struct {
	server, caFile, certFile, keyFile, tokenFile, serviceConfig string
	tls                                                         bool
	patience                                                    float64
}

// AddOptions declares the flags that all clients have.
func AddOptions() *Options {
	o := &Options{}
	server := os.Getenv("KULANZ_SERVER")
	if server == "" {
		server = "127.0.0.1:50051"
	}
	flag.StringVar(&o.server, "server", server, "HOST:PORT; in a cluster dns:///kulanz.kulanz:50051: all servers")
	flag.BoolVar(&o.tls, "tls", false, "speak TLS, and trust whom the system trusts")
	flag.StringVar(&o.caFile, "ca-file", "", "speak TLS, and trust these authorities only")
	flag.StringVar(&o.certFile, "cert-file", "", "this client's certificate, with -key-file")
	flag.StringVar(&o.keyFile, "key-file", "", "its key")
	flag.StringVar(&o.tokenFile, "token-file", "", "a bearer token; read again for each call. Needs TLS")
	flag.StringVar(&o.serviceConfig, "service-config", "deploy/client/service-config.json", "balancing, retries, health")
	flag.Float64Var(&o.patience, "patience", 300, "seconds that one request is repeated")
	return o
}

// Connect gives a channel for the whole life of the process; it connects by itself, again and again.
func (o *Options) Connect() (*grpc.ClientConn, error) {
	config, err := os.ReadFile(o.serviceConfig)
	if err != nil {
		return nil, err
	}
	// Its repetitions need grpc-go 1.40, or GRPC_GO_RETRY=on in the environment.
	settings := []grpc.DialOption{grpc.WithDefaultServiceConfig(string(config)),
		// A server that was away is found again within seconds; by default it may take two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnecting, MinConnectTimeout: 5 * time.Second})}
	if !o.tls && o.caFile == "" {
		if o.tokenFile != "" {
			return nil, errors.New("-token-file needs -tls or -ca-file: a token must not travel in the clear")
		}
		return grpc.Dial(o.server, append(settings, grpc.WithInsecure())...)
	}
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.caFile != "" {
		pem, err := os.ReadFile(o.caFile)
		if err != nil {
			return nil, err
		}
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(pem)
	}
	if o.certFile != "" {
		pair, err := tls.LoadX509KeyPair(o.certFile, o.keyFile)
		if err != nil {
			return nil, err
		}
		trust.Certificates = []tls.Certificate{pair}
	}
	settings = append(settings, grpc.WithTransportCredentials(credentials.NewTLS(trust)))
	if o.tokenFile != "" {
		settings = append(settings, grpc.WithPerRPCCredentials(tokenFile(o.tokenFile)))
	}
	return grpc.Dial(o.server, settings...)
}

// Tokens are short-lived: the file is the one that a platform keeps fresh.
type tokenFile string

func (t tokenFile) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	text, err := os.ReadFile(string(t))
	return map[string]string{"authorization": "Bearer " + strings.TrimSpace(string(text))}, err
}

func (tokenFile) RequireTransportSecurity() bool { return true }

// UntilAnswered makes the call again and again until there is a final answer. Right for every call of the API, as
// each bears an id that makes it safe to repeat. Gives up with the last error when patience is over: then put
// the request, with its ids, where it is tried again later.
func (o *Options) UntilAnswered(timeout time.Duration, call func(context.Context) error) error {
	giveUp := time.Now().Add(time.Duration(o.patience * float64(time.Second)))
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 15*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		err := call(ctx)
		cancel()
		// At least as long as the server asks for, and never all clients at once.
		wait := pause/2 + time.Duration(rand.Int63n(int64(pause/2)))
		if asked := retryDelay(err); asked > wait {
			wait = asked
		}
		if err == nil || final[status.Code(err)] || time.Now().Add(wait).After(giveUp) {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s; again in %.1f s\n", Explain(err), wait.Seconds())
		time.Sleep(wait)
	}
}

func min(a, b time.Duration) time.Duration {
	if a < b {
		return a
	}
	return b
}

// Reason is the stable token to branch on, e.g. "VOUCHER_EXPIRED"; empty where the error is not Kulanz' own.
func Reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return ""
}

func retryDelay(err error) time.Duration {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.RetryDelay.AsDuration()
		}
	}
	return 0
}

// Code is spelled as in the documentation: INVALID_ARGUMENT.
func spelled(code codes.Code) string {
	var name strings.Builder
	for i, letter := range code.String() {
		if i > 0 && letter >= 'A' && letter <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(letter)
	}
	return strings.ToUpper(name.String())
}

// Explain is for a log: code, reason and message, and every field that is wrong. Never a voucher's code.
func Explain(err error) string {
	found, ok := status.FromError(err)
	if !ok {
		return err.Error()
	}
	text := spelled(found.Code())
	if reason := Reason(err); reason != "" {
		text += " / " + reason
	}
	text += ": " + found.Message()
	for _, detail := range found.Details() {
		text += violations(detail)
	}
	return text
}

func violations(detail interface{}) string {
	text := ""
	if request, ok := detail.(*errdetails.BadRequest); ok {
		for _, one := range request.FieldViolations {
			text += "\n  " + one.Field + ": " + one.Description
		}
	}
	return text
}

// Violations of what a stream's answer reports, as Explain shows them.
func Violations(details []interface{}) string {
	text := ""
	for _, detail := range details {
		text += violations(detail)
	}
	return text
}

// Money is "59.90 EUR" as google.type.Money: exact, as money is never a float.
func Money(text string) (*money.Money, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return nil, fmt.Errorf("'%s' is no amount such as '59.90 EUR'", text)
	}
	amount, ok := new(big.Rat).SetString(words[0])
	if !ok {
		return nil, fmt.Errorf("'%s' is no amount such as '59.90 EUR'", text)
	}
	nanos := new(big.Int).Div(new(big.Int).Mul(amount.Num(), big.NewInt(1e9)), amount.Denom())
	units, rest := new(big.Int).QuoRem(nanos, big.NewInt(1e9), new(big.Int))
	return &money.Money{CurrencyCode: words[1], Units: units.Int64(), Nanos: int32(rest.Int64())}, nil
}

// AsText is "59.90 EUR".
func AsText(amount *money.Money) string {
	return fmt.Sprintf("%d.%02d %s", amount.Units, amount.Nanos/1e7, amount.CurrencyCode)
}

// Fail ends the program.
func Fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}
