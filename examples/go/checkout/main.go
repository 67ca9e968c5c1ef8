// checkout is a voucher at checkout: held while its customer pays, then used, or given back
// (-then leave, -then cancel). The code comes first: checkout CODE -customer C-10046 ...
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"kulanz.dev/api/kulanz/v1"
	"kulanz.dev/examples/kulanzclient"
)

// What the person at checkout is told, by the reason of the refusal.
var told = map[string]string{
	"VOUCHER_NOT_REDEEMABLE": "This code is not valid for you. Is it typed as in the letter?",
	"VOUCHER_REDEEMED":       "This voucher has been used.",
	"VOUCHER_EXPIRED":        "This voucher has expired.",
	"VOUCHER_REVOKED":        "This voucher was withdrawn.",
	"VOUCHER_REISSUED":       "You have been sent another code for this voucher.",
	"VOUCHER_HELD":           "This voucher is held for another order of yours. Try again when that is paid or abandoned.",
	"ORDER_BELOW_MINIMUM":    "Your order is below what this voucher is for.",
	"CURRENCY_MISMATCH":      "This voucher is in another currency.",
}

// One order and one voucher. All ids are made from the order's, so every step may be repeated.
type checkout struct {
	options               *kulanzclient.Options
	vouchers              kulanzv1.VoucherServiceClient
	code, customer, order string
	total                 *money.Money
}

func (c *checkout) ask(call func(context.Context) error) { // ends the program when the answer is a refusal
	err := c.options.UntilAnswered(10*time.Second, call)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, kulanzclient.Explain(err))
	if text, known := told[kulanzclient.Reason(err)]; known {
		kulanzclient.Fail(text)
	}
	kulanzclient.Fail("We cannot take this voucher at the moment.")
}

// When the customer enters the code; for half an hour nobody else can use it.
func (c *checkout) reserve() (held *kulanzv1.ReserveVoucherResponse) {
	c.ask(func(ctx context.Context) (err error) {
		held, err = c.vouchers.ReserveVoucher(ctx, &kulanzv1.ReserveVoucherRequest{Code: c.code, CustomerId: c.customer,
			OrderId: c.order, OrderTotal: c.total, ReservationId: "reservation-" + c.order})
		return err
	})
	return held
}

// When the rest is paid.
func (c *checkout) redeem() (used *kulanzv1.RedeemVoucherResponse) {
	c.ask(func(ctx context.Context) (err error) {
		used, err = c.vouchers.RedeemVoucher(ctx, &kulanzv1.RedeemVoucherRequest{Code: c.code, CustomerId: c.customer,
			OrderId: c.order, OrderTotal: c.total, ReservationId: "reservation-" + c.order,
			RedemptionId: "redemption-" + c.order})
		return err
	})
	return used
}

func (c *checkout) voucher() *kulanzv1.VoucherReference {
	return &kulanzv1.VoucherReference{Voucher: &kulanzv1.VoucherReference_Code{Code: c.code}}
}

// When the customer leaves; without it, the reservation ends by itself.
func (c *checkout) release() {
	c.ask(func(ctx context.Context) error {
		_, err := c.vouchers.ReleaseReservation(ctx, &kulanzv1.ReleaseReservationRequest{Voucher: c.voucher(),
			ReservationId: "reservation-" + c.order})
		return err
	})
}

// When the order is cancelled: right even if nobody knows whether it was redeemed.
func (c *checkout) reverse() (back *kulanzv1.ReverseRedemptionResponse) {
	c.ask(func(ctx context.Context) (err error) {
		back, err = c.vouchers.ReverseRedemption(ctx, &kulanzv1.ReverseRedemptionRequest{Voucher: c.voucher(),
			RedemptionId: "redemption-" + c.order, OrderId: c.order})
		return err
	})
	return back
}

func main() {
	c := &checkout{options: kulanzclient.AddOptions()}
	flag.StringVar(&c.customer, "customer", "", "who is at checkout")
	flag.StringVar(&c.order, "order", "", "its id")
	total := flag.String("total", "", "the order's sum before the voucher: '59.90 EUR'")
	then := flag.String("then", "pay", "pay, leave or cancel")
	if len(os.Args) < 2 {
		kulanzclient.Fail("usage: checkout CODE -customer ID -order ID -total '59.90 EUR' [-then pay|leave|cancel]")
	}
	c.code = os.Args[1]
	_ = flag.CommandLine.Parse(os.Args[2:]) // ends the program when they are wrong
	var err error
	if c.total, err = kulanzclient.Money(*total); err != nil {
		kulanzclient.Fail(err.Error())
	}
	channel, err := c.options.Connect()
	if err != nil {
		kulanzclient.Fail(err.Error())
	}
	defer channel.Close()
	c.vouchers = kulanzv1.NewVoucherServiceClient(channel)

	held := c.reserve().Reservation
	fmt.Printf("held %s for order %s\n", kulanzclient.AsText(held.Amount), held.OrderId)
	if *then == "leave" {
		c.release()
		fmt.Println("released")
		return
	}
	fmt.Printf("redeemed %s\n", kulanzclient.AsText(c.redeem().Redemption.Amount))
	if *then == "cancel" {
		fmt.Printf("reversed: %s can be used again\n", kulanzclient.AsText(c.reverse().Voucher.Available))
	}
}
